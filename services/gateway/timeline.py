"""What was said about a referral, as far as a caller may know it, and how long its offers stood in each state."""

from datetime import datetime
from typing import Any, Literal, NamedTuple
from urllib.parse import quote

from pydantic import BaseModel, Field

from events.fields import Instant
from projections.referral.transitions import Status
from services.admission.caller import Partner
from services.gateway import past
from services.gateway.cursor import Cursors, Paged
from services.gateway.hearing import speaker_of
from services.gateway.parts import Parts
from services.gateway.past import ENDINGS, History, Span
from services.gateway.principal import Principal
from services.gateway.seeing import READS, Look, looking
from services.gateway.shapes import seconds
from services.gateway.spoken import Words, hears_others, words_of
from services.gateway.store import Row, Transaction


class Entry(BaseModel):
    """An event that said something new."""

    event: str = Field(description="Its id on the log.")
    type: str
    by: str | None = Field(
        description="The partner that said it, else `system`, `link` or `client-link`; null while it is of others and "
        "the caller could claim the offer as one of a class."
    )
    own: bool = Field(description="Whether the caller said it.")
    actor: str | None = Field(description="The person who said it, to their own partner alone.")
    happened: datetime
    recorded: datetime
    seconds: float | None = Field(description="Since the latest before it that was applied.")
    offer: str | None
    before: str | None = Field(description="The fine state that it found the offer in.")
    stood: float | None = Field(description="Seconds for which the offer had stood in that state.")
    outcome: Literal["applied", "partly", "refused"]
    code: str | None = Field(description="Why it was refused; others' refusals are not shown.")
    detail: str | None = Field(description="The fine state that it left the offer in.")
    backfilled: bool
    said: Words | None = Field(
        description="What was said with it, where that is more than the state tells. Others' is null while nothing is "
        "shared with the caller, and everybody's once the person is erased."
    )
    copies: int | None = Field(description="How often it was sent again by now; null with `as_of`.")


class Stood(BaseModel):
    """An offer in one state.  It may have left it by an event about the client, as when consent ends."""

    offer: str
    status: Status
    detail: str
    from_: datetime = Field(alias="from")
    until: datetime | None = Field(description="Null while it stands.")
    seconds: float | None
    reason: str | None = Field(description="Why it came to stand so, where that was said; withheld as entries' is.")


class Timeline(BaseModel):
    """Part of a referral's history, the oldest first."""

    entries: list[Entry]
    states: list[Stood] = Field(description="Of the whole history: each offer's states, as they were entered.")
    next: str | None = Field(description="Where the entries go on; null at their end.")
    stale: bool
    lag: int


class Past(Paged):
    """Which page, and as of when."""

    as_of: Instant | None = Field(
        None, description="What was recorded at this instant or before; later records are left out of everything."
    )


class Told(NamedTuple):
    """A page of the history, with the look at the referral that it goes with."""

    look: Look
    entries: list[dict[str, Any]]
    states: list[dict[str, Any]]
    next: str | None


async def told(parts: Parts, who: Principal, name: str, page: Past, now: datetime) -> Told:
    """Return a page.  Raises ProblemError as a look at the referral does, and for a cursor that is not the caller's."""
    question = page.model_dump(mode="json", include={"as_of"})
    cursors = Cursors(parts.binding, who, f"/v1/referrals/{quote(name, safe=':')}/timeline", question)
    [after] = cursors.after(page.cursor, 1)
    source, standing = Partner(who.initiative, who.partner or "").source, parts.admission.standing(who.initiative)
    async with looking(parts, who, name, page.token, now) as (look, transaction):
        found = await history_rows(parts, transaction, who, look)
        bounds = (-1 if after is None else after, page.limit + 1, page.as_of, hears_others(look.sight))
        rows = await transaction.fetch(READS, "timeline", *_about(who, look), *bounds)
    kept = rows[: page.limit]
    following = cursors.next(page.limit, [kept[-1]["record_offset"]]) if len(rows) > len(kept) else None
    history = past.history(found, look.sight.offers, page.as_of)
    entries = [
        _entry(row, source, history)
        | {"said": words_of(row["words"], look.sight, standing)}
        | ({"copies": None} if page.as_of else {})
        for row in kept
    ]
    if look.sight.role == "class-member":
        entries = [entry if entry["own"] else entry | {"by": None} for entry in entries]
    return Told(look, entries, [_stood(span) for span in history.spans], following)


def _about(who: Principal, look: Look) -> tuple[Any, ...]:
    """Return whose timeline it is and what of it the caller may know."""
    place, sight = look.place, look.sight
    source = Partner(who.initiative, who.partner or "").source
    known = (sight.role == "sender", [offer.id for offer in sight.offers])
    return (who.initiative, place.record, place.referral, source, *known)


async def history_rows(parts: Parts, transaction: Transaction, who: Principal, look: Look) -> list[past.Row]:
    """Return all that the caller may know of what became of the offers."""
    standing, sight = parts.admission.standing(who.initiative), look.sight
    rows = await transaction.fetch(READS, "history", *_about(who, look), list(ENDINGS), hears_others(sight))
    return [past.Row(*row)._replace(words=words_of(row["words"], sight, standing)) for row in rows]


def _entry(row: Row, source: str, history: History) -> dict[str, Any]:
    own = row["source"] == source
    plain = ("type", "happened", "recorded", "offer", "outcome", "detail", "backfilled", "copies")
    before = history.before.get(row["record_offset"]) if row["offer"] else None
    return {name: row[name] for name in plain} | {
        "event": row["id"],
        "by": speaker_of(row["source"]),
        "own": own,
        "actor": row["actor"] if own else None,
        "seconds": seconds(row["since"]),
        "before": before and before.detail,
        "stood": before and seconds(row["happened"] - before.since),
        "code": row["refusal"],
    }


def _stood(span: Span) -> dict[str, Any]:
    return {
        "offer": span.offer,
        "status": span.status,
        "detail": span.detail,
        "reason": span.reason,
        "from": span.since,
        "until": span.until,
        "seconds": None if span.until is None else seconds(span.until - span.since),
    }
