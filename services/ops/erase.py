"""`manyhands erase`: a client's text and names destroyed for good, by two persons and after a waiting period."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, TypeVar

import orjson
import typer

from projections.batch import Away
from services.ops.erasure import Erasing, erasing
from services.ops.shown import AsJson
from services.runtime.settings import Settings
from services.runtime.store import DatabaseAway
from services.vault.erasures import Erasure

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, help="Erase clients: ask, approve as two persons, run when the wait is over.")

Initiative = Annotated[str, typer.Argument(help="The id of the initiative.")]
Client = Annotated[
    str, typer.Argument(help="The client as the partner says: own:<id>, such as own:4711, or the alias it was given.")
]
As = Annotated[str, typer.Option("--as", help="The id of the partner whose name for the client this is.")]
Certificate = Annotated[str, typer.Argument(help="The certificate's id, as `ask` and `list` give it.")]
Person = Annotated[str, typer.Option("--person", help="The random id (a UUID) of the person who decides.")]


@app.command()
def ask(initiative: Initiative, client: Client, partner: As) -> None:
    """Open an erasure and print its certificate's id; two persons have to approve it."""
    typer.echo(_run(lambda steps: steps.ask(initiative, partner, client)))


@app.command()
def approve(certificate: Certificate, person: Person) -> None:
    """Let an erasure happen, as one of two registrars or coordinators."""
    found = _run(lambda steps: steps.approve(certificate, person))
    typer.echo(f"{certificate}  {_state(found)}")


@app.command()
def hold(initiative: Initiative, client: Client, partner: As, person: Person) -> None:
    """Keep a client from being erased, for a legal duty to keep."""
    _run(lambda steps: steps.hold(initiative, partner, client, person))
    typer.echo("held")


@app.command()
def release(initiative: Initiative, client: Client, partner: As, person: Person) -> None:
    """End a duty to keep."""
    _run(lambda steps: steps.release(initiative, partner, client, person))
    typer.echo("released")


@app.command(name="list")
def show(as_json: AsJson = False) -> None:
    """Show every erasure by its certificate, never by the client."""
    for erasure in _run(lambda steps: steps.all()):
        if as_json:
            _print({"certificate": erasure.certificate, "initiative": erasure.initiative, "state": _state(erasure)})
        else:
            typer.echo(f"{erasure.certificate}  {erasure.initiative:<24}{_state(erasure)}")


@app.command()
def run() -> None:
    """Erase what is due, go on with what was begun, and print a signed certificate for each."""
    _run(_print_certificates)


@app.command()
def certificate(certificate: Certificate) -> None:
    """Print the signed certificate of an erasure that is done."""

    async def made(steps: Erasing) -> dict[str, Any]:
        found = await steps.find(certificate)
        if found.done_at is None:
            raise typer.BadParameter("this erasure is not done", param_hint="CERTIFICATE")
        return steps.certificate(found)

    _print(_run(made))


async def _print_certificates(steps: Erasing) -> None:
    async for signed in steps.run():
        _print(signed)


def _run(step: Callable[[Erasing], Awaitable[T]]) -> T:
    async def within() -> T:
        try:
            async with erasing(Settings.from_env()) as steps:
                return await step(steps)
        except Away as away:
            raise DatabaseAway(str(away)) from None

    return asyncio.run(within())


def _state(erasure: Erasure) -> str:
    if erasure.done_at is not None:
        return f"erased {_day(erasure.done_at)}"
    if erasure.held:
        return "held by a duty to keep"
    if erasure.due_at is not None:
        return f"due {_day(erasure.due_at)}"
    return "waits for a second person" if erasure.approved_by else "waits for two persons"


def _day(time: datetime) -> str:
    return time.isoformat(timespec="minutes")


def _print(answer: dict[str, Any]) -> None:
    typer.echo(orjson.dumps(answer).decode())
