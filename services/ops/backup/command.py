"""`manyhands backup`: copies of what no rebuild makes again."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from services.ops.backup import making
from services.ops.backup.making import Plan
from services.ops.backup.manifest import Manifest
from services.ops.backup.restoring import checked
from services.ops.bar import bar
from services.ops.shown import AsJson, print_json
from services.runtime.logging import configure_command
from services.runtime.settings import Settings, home_folder

Folder = Annotated[Path, typer.Argument(help="The backups' folder.", file_okay=False)]
Number = Annotated[int | None, typer.Option(min=1, help="Which backup.", show_default="the newest one")]

app = typer.Typer(no_args_is_help=True, help="Copy what no rebuild makes again, and check the copies.")


@app.command()
def make(
    folder: Folder,
    secrets: Annotated[
        Path | None, typer.Option(help="Copy the secrets too, into a folder elsewhere.", file_okay=False)
    ] = None,
    without_log: Annotated[
        bool, typer.Option("--without-log", help="Leave the log to copies of the brokers' own disks.")
    ] = False,
    keep: Annotated[int, typer.Option(min=1, help="How many backups stay in the folder.")] = 7,
    as_json: AsJson = False,
) -> None:
    """Add a backup to the folder while everything runs; of the log only what came since the one before is copied."""
    configure_command()
    plan = Plan(folder.absolute(), secrets and secrets.absolute(), not without_log, keep)
    with bar() as shown:
        made = asyncio.run(making.make(Settings.from_env(), plan, shown))
    _tell(made, as_json, "made")


@app.command()
def verify(
    folder: Folder,
    secrets: Annotated[
        Path | None,
        typer.Option(help="Where the secrets are.", file_okay=False, show_default="those of MANYHANDS_HOME"),
    ] = None,
    number: Number = None,
    as_json: AsJson = False,
) -> None:
    """Read a backup whole, and see that it is what was written and that the secrets open it."""
    with bar() as shown:
        found = checked(folder.absolute(), number, secrets or home_folder() / "secrets", shown)
    _tell(found, as_json, "whole")


def _tell(found: Manifest, as_json: bool, word: str) -> None:
    answer = described(found)
    if as_json:
        print_json(answer)
        return
    records = "no log" if found.log is None else f"a log of {answer['records']:,} records"
    typer.echo(f"Backup {found.number} is {word}: {answer['bytes']:,} bytes, {answer['rows']:,} rows, {records}.")


def described(found: Manifest) -> dict[str, Any]:
    """Return what a backup holds, as numbers and the offset after the last record of each partition."""
    folders = {} if found.log is None else found.log.folders
    vector = {name: folder.next_offset for name, folder in folders.items()}
    return {
        "number": found.number,
        "began": found.began,
        "ended": found.ended,
        "bytes": sum(piece.size for piece in found.pieces),
        "rows": sum(table.rows for table in found.keep.tables.values()),
        "records": sum(vector.values()),
        "epoch": found.keep.epoch,
        "vector": vector if found.log is not None else None,
    }
