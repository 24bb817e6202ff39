"""`manyhands people`: who may sign in.  What each may do is said on the log, by `partner.role_assigned`."""

import re
from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import uuid4

import typer

from events.fields import UUID_PATTERN
from services.gateway.people.address import spelled
from services.gateway.people.persons import Persons
from services.ops.errors import NoSuchPerson, PersonTaken
from services.ops.keeping import Result, asked
from services.ops.shown import AsJson, print_json, print_table

_PERSON = re.compile(UUID_PATTERN)

app = typer.Typer(no_args_is_help=True, help="Say who may sign in, and by which e-mail address.")


@app.command()
def add(
    email: Annotated[str, typer.Argument(help="The address that sign-in links go to; it is kept in `keep` alone.")],
    initiative: Annotated[str, typer.Option(help="The id of the initiative.")],
    partner: Annotated[str, typer.Option(help="The id of the partner that the person belongs to.")],
    person: Annotated[
        str | None, typer.Option(help="The random id (a UUID) that the log knows the person by; else a new one.")
    ] = None,
) -> None:
    """Let a person sign in, and tell the random id to give roles to."""
    if person is not None and not _PERSON.fullmatch(person):
        raise typer.BadParameter("a person is given by a random id (a UUID), never by name", param_hint="--person")
    address = spelled(email)
    if address is None:
        raise typer.BadParameter("that is no e-mail address that can be used here", param_hint="EMAIL")
    made = person or str(uuid4())
    if not _asked(lambda persons: persons.add(made, initiative, partner, address)):
        raise PersonTaken("the address or the id is somebody's already")
    typer.echo(made)


@app.command("list")
def list_(
    initiative: Annotated[str | None, typer.Option(help="Only of this initiative, by its id.")] = None,
    partner: Annotated[str | None, typer.Option(help="Only of this partner, by its id.")] = None,
    as_json: AsJson = False,
) -> None:
    """List who may sign in, with their addresses and those who may no longer."""
    lines = [
        {
            "person": each.person,
            "initiative": each.initiative,
            "partner": each.partner,
            "email": each.email,
            "added": each.added,
            "ended": each.ended,
        }
        for each in _asked(lambda persons: persons.list(initiative, partner))
    ]
    if as_json:
        print_json(lines)
        return
    print_table("People", lines, ("person", "partner", "email", "added", "ended"), "Nobody may sign in yet.")


@app.command()
def deactivate(person: Annotated[str, typer.Argument(help="The person's random id.")]) -> None:
    """End a person's sessions and tokens, and let nobody sign in as them again."""
    if not _PERSON.fullmatch(person) or not _asked(lambda persons: persons.deactivate(person)):
        raise NoSuchPerson(person if _PERSON.fullmatch(person) else "that is no id")
    typer.echo(f"{person} can no longer sign in")


def _asked(work: Callable[[Persons], Awaitable[Result]]) -> Result:
    return asked("manyhands-people", lambda keep: work(Persons(keep)))
