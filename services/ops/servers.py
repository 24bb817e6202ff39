"""`manyhands local`: Kafka and PostgreSQL on this machine."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console

from services.ops import local
from services.ops.local.lifecycle import Report
from services.ops.shown import AsJson
from services.runtime.settings import home_folder

NOT_RUNNING = 3

app = typer.Typer(no_args_is_help=True, help="Run Kafka and PostgreSQL on this machine.")

Yes = Annotated[bool, typer.Option("--yes", help="Remove without asking first.")]


@app.command()
def up(as_json: AsJson = False) -> None:
    """Start both, or find them running; data lies in MANYHANDS_HOME, else ./.manyhands."""
    _warn_of_others()
    home = home_folder()
    with _progress("starting") as report:
        servers = local.up(home, report)
    if as_json:
        _print({"home": str(home), **asdict(servers)})
        return
    typer.echo(f"Kafka       {servers.kafka}\nPostgreSQL  {servers.postgres}\nData        {home}")


@app.command()
def down(as_json: AsJson = False) -> None:
    """Stop both in order; data stays."""
    with _progress("stopping"):
        stopped = local.down(home_folder())
    if as_json:
        _print({"stopped": stopped})
        return
    typer.echo(f"Stopped: {', '.join(stopped)}" if stopped else "Nothing was running.")


@app.command()
def status(as_json: AsJson = False) -> None:
    """Say what runs; exit code 0 when both answer, 3 when not."""
    found = local.status(home_folder())
    if as_json:
        _print({server.name: asdict(server) for server in found})
    else:
        for server in found:
            typer.echo(f"{server.name:<10}{_word(server):<16}{server.address or '-'}")
    if not all(server.answers for server in found):
        raise typer.Exit(NOT_RUNNING)


@app.command()
def reset(yes: Yes = False, as_json: AsJson = False) -> None:
    """Stop both and remove their data, keys and logs for good."""
    home = home_folder()
    if not yes:
        typer.confirm(f"Remove all events, tables, keys and logs in {home}?", abort=True, err=True)
    with _progress("removing"):
        local.reset(home)
    if as_json:
        _print({"reset": str(home)})
        return
    typer.echo(f"Removed the data in {home}")


def _word(server: local.Status) -> str:
    if server.answers:
        return "running"
    return "not answering" if server.running else "stopped"


def _warn_of_others() -> None:
    named = [name for name in ("MANYHANDS_KAFKA", "MANYHANDS_POSTGRES") if os.environ.get(name)]
    if named:
        typer.echo(f"note: {' and '.join(named)} still point elsewhere", err=True)


def _print(answer: dict[str, Any]) -> None:
    typer.echo(orjson.dumps(answer).decode())


@contextmanager
def _progress(text: str) -> Iterator[Report]:
    """Show what is being done on the error stream, where a person looks on; nothing is left of it."""
    with Console(stderr=True).status(text) as shown:
        yield shown.update
