"""`manyhands partners address`: where a partner has its mails sent, and codes for links to its offers."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer

from services.gateway.links.addresses import Addresses
from services.gateway.people.address import spelled
from services.ops.keeping import asked
from services.ops.shown import AsJson, print_json, print_table

Result = TypeVar("Result")


def address(
    partner: Annotated[str | None, typer.Argument(help="The id of the partner; of all when left out.")] = None,
    email: Annotated[str | None, typer.Argument(help="Where its mails go; it is kept in `keep` alone.")] = None,
    initiative: Annotated[str | None, typer.Option(help="The id of the initiative.")] = None,
    forget: Annotated[bool, typer.Option("--forget", help="Send the partner no mails any more.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say where a partner has its mails sent, or show where; links whose codes went elsewhere end."""
    if email is None and not forget:
        _show(initiative, partner, as_json=as_json)
        return
    if partner is None or initiative is None:
        raise typer.BadParameter("say which partner of which initiative", param_hint="--initiative")
    if forget:
        gone = _asked(lambda addresses: addresses.forget(initiative, partner))
        typer.echo(f"{partner} is sent no mails any more" if gone else f"{partner} had no address")
        return
    found = spelled(email or "")
    if found is None:
        raise typer.BadParameter("that is no e-mail address that can be used here", param_hint="EMAIL")
    _asked(lambda addresses: addresses.set(initiative, partner, found))
    typer.echo(f"mails to {partner} go there from now on")


def _show(initiative: str | None, partner: str | None, *, as_json: bool) -> None:
    lines = [
        {"initiative": each.initiative, "partner": each.partner, "email": each.email, "set_at": each.set_at}
        for each in _asked(lambda addresses: addresses.list(initiative, partner))
    ]
    if as_json:
        print_json(lines)
        return
    print_table("Addresses", lines, ("initiative", "partner", "email", "set_at"), "No partner has an address.")


def _asked(work: Callable[[Addresses], Awaitable[Result]]) -> Result:
    return asked("manyhands-addresses", lambda keep: work(Addresses(keep)))
