"""Tickets for browsers that can send neither a header nor a cookie with a live feed: one use, one minute."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from fastapi import Request

from services.gateway.parts import parts_of
from services.gateway.principal import Kind, Principal
from services.gateway.problems import ProblemError
from services.gateway.store import Keep
from services.runtime.random import fresh, hashed

SQL = Path(__file__).with_name("tickets.sql")
LIFE = timedelta(seconds=60)
#: The one address that takes a ticket, and the name of the parameter.
PATH, NAME = "/v1/feed/live", "ticket"


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket that was just made: its text is shown here and never again."""

    text: str
    expires: datetime


async def make(keep: Keep, who: Principal) -> Ticket:
    """Make a ticket that stands for the caller; raises Away."""
    text = fresh()
    named = (who.kind, who.initiative, who.partner, who.actor, sorted(who.scopes), who.credential)
    [row] = await keep.fetch(SQL, "make", hashed(text), *named, LIFE)
    return Ticket(text, row["expires"])


async def use(keep: Keep, text: str) -> Principal | None:
    """Return whom the ticket stands for, and take it; None when it was used, is too old, or was never given."""
    row = await keep.one(SQL, "use", hashed(text))
    if row is None:
        return None
    scopes = frozenset(row["scopes"])
    return Principal(Kind(row["kind"]), row["initiative"], row["partner"], row["actor"], scopes, row["credential"])


async def by_ticket(request: Request) -> Principal | None:
    """Know a caller by the ticket in a live feed's address; raises ProblemError when it is worth nothing."""
    text = request.query_params.get(NAME)
    if text is None or request.url.path != PATH:
        return None
    parts = parts_of(request)
    found = await use(parts.keep, text)
    if found is None:
        raise ProblemError(401, "unauthenticated", headers={"WWW-Authenticate": 'Bearer realm="manyhands"'})
    await parts.admission.catch_up()
    return found
