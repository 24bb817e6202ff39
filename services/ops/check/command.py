"""`manyhands check`: whether Kafka, PostgreSQL and this machine are all that is relied on."""

import asyncio

import typer

from services.ops.check import brokers, database, machine
from services.ops.check.finding import Finding, within
from services.ops.shown import AsJson, print_json, print_table
from services.runtime.logging import configure_command
from services.runtime.settings import Settings

app = typer.Typer(help="Test Kafka, PostgreSQL and this machine for all that is relied on.")


@app.command()
def check(as_json: AsJson = False) -> None:
    """Look at settings and try what services do, and leave nothing behind; exit code 1 when anything is wrong."""
    configure_command("error")
    settings = Settings.from_env()
    seen = asyncio.run(looked(settings))
    wrong = [each for each in seen if each.verdict == "wrong"]
    if as_json:
        print_json({"right": not wrong, "findings": [each.described() for each in seen]})
    else:
        print_table("Looked at", [each.described() for each in seen], ("what", "verdict", "seen", "hint"), "")
        typer.echo(f"{len(seen)} things looked at, {len(wrong)} wrong.")
    if wrong:
        raise typer.Exit(1)


async def looked(settings: Settings) -> list[Finding]:
    """Return everything that was looked at."""
    return [
        *await within("Kafka", brokers.looks(settings)),
        *await within("PostgreSQL", database.looks(settings)),
        *await within("this machine", machine.looks(settings)),
    ]
