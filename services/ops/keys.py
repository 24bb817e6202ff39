"""`manyhands keys`: the epoch key that wraps every data key, changed every month."""

import asyncio

import typer

from projections.batch import Away
from services.runtime.roles import Role
from services.runtime.settings import Settings
from services.runtime.store import DatabaseAway, migrated
from services.vault.secrets import Secrets
from services.vault.vault import Vault

app = typer.Typer(no_args_is_help=True, help="Change the key that wraps personal-data keys.")


@app.callback()
def keys() -> None:
    """Change the key that wraps personal-data keys."""


@app.command()
def rotate() -> None:
    """Begin a new epoch, move every living key into it and destroy the old epoch's key for good.

    Run it every month: erased keys that still lie in backups of the database die with the epoch they belong to.
    Back the secrets folder up afterwards, and destroy the older backups of it.
    """
    typer.echo(f"epoch {asyncio.run(_rotate(Settings.from_env()))}")


async def _rotate(settings: Settings) -> int:
    try:
        async with migrated(settings.postgres, role=Role.OPERATOR, application="manyhands-keys") as pool:
            return await Vault(pool, Secrets(settings.home / "secrets")).rotate()
    except Away as away:
        raise DatabaseAway(str(away)) from None
