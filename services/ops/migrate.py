"""`manyhands migrate`: the schema of what no rebuild can make again."""

import asyncio

import typer

from services.runtime.settings import Settings
from services.runtime.store import upgrade

app = typer.Typer()


@app.command()
def migrate() -> None:
    """Apply the numbered migrations that this database has not had; a second run does nothing."""
    applied = asyncio.run(upgrade(Settings.from_env().postgres))
    for name in applied:
        typer.echo(f"applied  {name}")
    if not applied:
        typer.echo("Nothing to apply.")
