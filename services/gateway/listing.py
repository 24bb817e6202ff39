"""The list of a partner's referrals: narrowed, sorted, page by page."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field

from events.fields import CODE_PATTERN, SLUG_PATTERN, Instant
from projections.referral.transitions import Status
from projections.sql import statement
from services.gateway.cursor import Cursors, Paged
from services.gateway.parts import Parts
from services.gateway.principal import Kind, Principal
from services.gateway.progress import PROJECTION
from services.gateway.seeing import READS, Place, of_row, shown_at
from services.gateway.sight import Sight
from services.gateway.store import Row, Transaction

Code = Annotated[str, Field(pattern=CODE_PATTERN)]
Slug = Annotated[str, Field(pattern=SLUG_PATTERN)]
PATH = "/v1/referrals"
#: Rows that are looked through at once, at most, for those that the caller may see.
LOOKED_AT = 2000
#: What pages go by.  Only a change of the thing itself moves it; what is due never stands last.
_KEYS: Mapping[str, str] = MappingProxyType(
    {
        "requested": "f.requested_at",
        "changed": "(f.state::jsonb ->> 'last')::timestamptz",
        "respond_by": "coalesce(f.respond_by, timestamptz '2200-01-01 00:00:00Z')",
    }
)
#: Filters that speak of what a consent shares.
_SHARED = ("need", "area", "urgency", "programme")


class Asked(Paged):
    """What is wanted of the list; each part that is given narrows it."""

    role: Literal["sender", "recipient"] | None = Field(None, description="What the caller is to them; else both.")
    status: Status | None = None
    detail: Code | None = None
    loop: Literal["not-opened", "open", "closed-served", "closed-not-served"] | None = None
    sender: Slug | None = None
    recipient: Slug | None = Field(None, description="Whom the leading offer went to.")
    need: Code | None = None
    area: Code | None = None
    urgency: Literal["routine", "soon", "urgent", "emergency"] | None = None
    programme: Code | None = None
    overdue: bool | None = Field(None, description="Whether nobody answered the leading offer by its deadline.")
    requested_from: Instant | None = None
    requested_until: Instant | None = Field(None, description="Before this instant.")
    changed_since: Instant | None = None
    sort: Literal["requested", "-requested", "changed", "-changed", "respond_by", "-respond_by"] = Field(
        "-requested", description="By what they are sorted; with a minus, the largest first."
    )


class Listed(NamedTuple):
    """A page: what the caller sees of each referral, the next page's address, and how far it is behind."""

    seen: list[tuple[Place, Sight]]
    next: str | None
    lag: int


async def listed(parts: Parts, who: Principal, asked: Asked, now: datetime) -> Listed:
    """Return a page.  Raises ProblemError for a cursor that is not the caller's for this question."""
    question = asked.model_dump(mode="json", exclude={"limit", "cursor", "token"})
    cursors = Cursors(parts.binding, who, PATH, question)
    key, after = cursors.after(asked.cursor, 2)
    at = shown_at(parts, who, asked.token)
    if at is not None:
        await parts.progress.reach(at)
    place = (key and datetime.fromisoformat(key), after)
    async with parts.keep.snapshot(PROJECTION, who.initiative) as transaction:
        lag = await parts.progress.behind(transaction, at)
        found = await _found(transaction, who, asked, place, now)
    kept = found[: asked.limit]
    more = len(found) > len(kept)
    following = cursors.next(asked.limit, [kept[-1].key.isoformat(), kept[-1].place.referral]) if more else None
    return Listed([(each.place, each.sight) for each in kept], following, lag)


class _Seen(NamedTuple):
    key: datetime
    place: Place
    sight: Sight


async def _found(
    transaction: Transaction, who: Principal, asked: Asked, place: tuple[Any, Any], now: datetime
) -> list[_Seen]:
    """Return the page's referrals, and at least one more where there is one.

    Those that are not shown count for nothing: a page with fewer, or with none and another after it, would tell
    that they are there.
    """
    query, narrowing = _query(who, asked), _narrowing(who, asked, now)
    found: list[_Seen] = []
    size = asked.limit + 1
    while True:
        rows = await transaction.run(query, *narrowing, *place, size)
        found += _seen(who, asked, rows, now)
        if len(found) > asked.limit or len(rows) < size:
            return found
        place, size = (rows[-1]["key"], rows[-1]["id"]), min(size * 4, LOOKED_AT)


def _query(who: Principal, asked: Asked) -> str:
    found = statement(READS, "of_coordinator" if who.kind is Kind.COORDINATOR else "of_partner").rstrip(";\n")
    name = asked.sort.removeprefix("-")
    way, beyond = ("desc", "<") if asked.sort.startswith("-") else ("asc", ">")
    return statement(READS, "page").format(found=found, key=_KEYS[name], way=way, beyond=beyond)


def _narrowing(who: Principal, asked: Asked, now: datetime) -> tuple[Any, ...]:
    ranges = (asked.requested_from, asked.requested_until, asked.changed_since)
    plain = (asked.role, asked.status, asked.detail, asked.loop, asked.sender, asked.recipient)
    shared = tuple(getattr(asked, name) for name in _SHARED)
    return (who.initiative, who.partner, *plain, *shared, asked.overdue, now, *ranges)


def _seen(who: Principal, asked: Asked, rows: list[Row], now: datetime) -> list[_Seen]:
    """Leave out what a filter would tell of a referral whose need is withheld from the caller."""
    telling = any(getattr(asked, name) is not None for name in _SHARED)
    found = ((row["key"], Place(row["id"], row["record"]), of_row(who, row, now)) for row in rows)
    return [_Seen(key, place, sight) for key, place, sight in found if sight and not (telling and sight.withheld)]
