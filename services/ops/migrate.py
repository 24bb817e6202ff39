"""`manyhands migrate`: the schema of what no rebuild can make again."""

import asyncio

import typer

from services.runtime.settings import Settings
from services.runtime.store import connect
from services.runtime.store import migrate as apply

app = typer.Typer()


@app.command()
def migrate() -> None:
    """Apply the numbered migrations that this database has not had; a second run does nothing."""
    applied = asyncio.run(_migrate(Settings.from_env().postgres))
    for name in applied:
        typer.echo(f"applied  {name}")
    if not applied:
        typer.echo("Nothing to apply.")


async def _migrate(uri: str) -> list[str]:
    async with await connect(uri, application="manyhands-migrate", size=1) as pool:
        return await apply(pool)
