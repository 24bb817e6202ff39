"""`manyhands restore`: a deployment from a backup, on a machine that has none."""

import os
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from services.ops import local
from services.ops.backup.command import Folder, Number
from services.ops.backup.errors import LogElsewhere
from services.ops.backup.manifest import Manifest
from services.ops.backup.restoring import Restored, checked, place, refill, secured
from services.ops.bar import Bar, bar
from services.ops.shown import AsJson, print_json
from services.runtime.logging import configure_command
from services.runtime.settings import Settings, home_folder

app = typer.Typer(help="Bring a deployment back from a backup.")


@app.command()
def restore(
    folder: Folder,
    secrets: Annotated[
        Path | None,
        typer.Option(help="Where the secrets' copy is.", file_okay=False, show_default="those of MANYHANDS_HOME"),
    ] = None,
    number: Number = None,
    without_log: Annotated[
        bool, typer.Option("--without-log", help="Fill the database alone: the brokers have their own log.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check a backup whole, then bring it back into an empty MANYHANDS_HOME or database; nothing is overwritten."""
    configure_command()
    home, folder = home_folder(), folder.absolute()
    guarded = (secrets or home / "secrets").absolute()
    with bar() as shown:
        found = checked(folder, number, guarded, shown)
        if without_log:
            secured(home, guarded, folder)
            done = uvloop.run(refill(Settings.from_env(), folder, found, shown))
        else:
            _own_brokers()
            place(home, folder, found, guarded, shown)
            done = _started(home, folder, found, shown)
    if as_json:
        print_json(done._asdict())
        return
    typer.echo(
        f"Backup {done.number} is back: {done.registered} referrals registered, {done.erased} erasures made good."
    )
    typer.echo("Read models are folded anew from the log: `manyhands up`, or `manyhands run` for each service.")


def _own_brokers() -> None:
    """Raise LogElsewhere when the log is kept by brokers whose files are not here."""
    if os.environ.get("MANYHANDS_KAFKA"):
        raise LogElsewhere("MANYHANDS_KAFKA names other brokers")


def _started(home: Path, folder: Path, found: Manifest, shown: Bar) -> Restored:
    """Fill the database on servers that run for as long as it takes."""
    shown.step("starting", None)
    local.up(home)
    try:
        return uvloop.run(refill(Settings.from_env(), folder, found, shown))
    finally:
        local.down(home)
