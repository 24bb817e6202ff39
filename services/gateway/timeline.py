"""What was said about a referral, as far as a caller may know it."""

from datetime import datetime
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, Field

from events.authority import partner_of
from services.admission.caller import Partner
from services.gateway.cursor import Cursors, Paged
from services.gateway.parts import Parts
from services.gateway.principal import Principal
from services.gateway.seeing import READS, Look, looking
from services.gateway.shapes import seconds
from services.gateway.store import Row


class Entry(BaseModel):
    """An event that said something new."""

    event: str = Field(description="Its id on the log.")
    type: str
    by: str = Field(description="The partner that said it, else `system`, `link` or `client-link`.")
    own: bool = Field(description="Whether the caller said it.")
    actor: str | None = Field(description="The person who said it, to their own partner alone.")
    happened: datetime
    recorded: datetime
    seconds: float | None = Field(description="Since the latest before it that was applied.")
    offer: str | None
    outcome: Literal["applied", "partly", "refused"]
    code: str | None = Field(description="Why it was refused; others' refusals are not shown.")
    detail: str | None = Field(description="The fine state that it left the offer in.")
    backfilled: bool
    copies: int = Field(description="How often it was sent again.")


class Timeline(BaseModel):
    """Part of a referral's history, the oldest first."""

    entries: list[Entry]
    next: str | None = Field(description="Where it goes on; null at its end.")
    stale: bool
    lag: int


class Told(NamedTuple):
    """A page of the history, with the look at the referral that it goes with."""

    look: Look
    entries: list[dict[str, Any]]
    next: str | None


async def told(parts: Parts, who: Principal, name: str, page: Paged, now: datetime) -> Told:
    """Return a page.  Raises ProblemError as a look at the referral does, and for a cursor that is not the caller's."""
    cursors = Cursors(parts.binding, who, f"/v1/referrals/{name}/timeline", {})
    [after] = cursors.after(page.cursor, 1)
    async with looking(parts, who, name, page.token, now) as (look, transaction):
        place, sight = look.place, look.sight
        source = Partner(who.initiative, who.partner or "").source
        known = (sight.role == "sender", [offer.id for offer in sight.offers])
        bounds = (-1 if after is None else after, page.limit + 1)
        rows = await transaction.fetch(
            READS, "timeline", who.initiative, place.record, place.referral, source, *known, *bounds
        )
    kept = rows[: page.limit]
    following = cursors.next(page.limit, [kept[-1]["record_offset"]]) if len(rows) > len(kept) else None
    return Told(look, [_entry(row, source) for row in kept], following)


def _entry(row: Row, source: str) -> dict[str, Any]:
    own = row["source"] == source
    plain = ("type", "happened", "recorded", "offer", "outcome", "detail", "backfilled", "copies")
    return {name: row[name] for name in plain} | {
        "event": row["id"],
        "by": partner_of(row["source"]) or row["source"].split(":")[2],
        "own": own,
        "actor": row["actor"] if own else None,
        "seconds": seconds(row["since"]),
        "code": row["refusal"],
    }
