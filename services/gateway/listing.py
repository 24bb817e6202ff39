"""The list of a partner's referrals: narrowed, sorted, page by page."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Literal, NamedTuple

from pydantic import Field

from projections.referral.status import RANK
from projections.sql import statement
from services.gateway.cursor import Cursors, Paged
from services.gateway.narrowing import Narrowed, Terms, tells_of_shared, terms
from services.gateway.parts import Parts
from services.gateway.principal import Kind, Principal
from services.gateway.progress import PROJECTION
from services.gateway.seeing import READS, Place, claimable_by, claimer_of, of_row, shown_at
from services.gateway.sight import Claimer, Sight
from services.gateway.store import Row, Transaction

PATH = "/v1/referrals"
#: Rows that are looked through at once, at most, for those that the caller may see.
LOOKED_AT = 2000
#: What pages go by.  Only a change of the thing itself moves it; what is due never stands last.
_KEYS: Mapping[str, str] = MappingProxyType(
    {
        "requested": "f.requested_at",
        "changed": "f.last",
        "respond_by": "coalesce(f.respond_by, timestamptz '2200-01-01 00:00:00Z')",
    }
)


#: What lists are made of; each may be read of those before it.
_PARTS = ("lead", "mine", "asked", "taken", "due", "first", "missed", "late", "again", "unseen")


class Asked(Paged, Narrowed):
    """What is wanted of the list."""

    sort: Literal["requested", "-requested", "changed", "-changed", "respond_by", "-respond_by"] = Field(
        "-requested", description="By what they are sorted; with a minus, the largest first."
    )


class Listed(NamedTuple):
    """A page: what the caller sees of each referral, the next page's address, and how far it is behind."""

    seen: list[tuple[Place, Sight]]
    next: str | None
    lag: int


class After(NamedTuple):
    """Where a page ended: the sort key and the id of its last referral, both None at the beginning."""

    key: datetime | None = None
    referral: str | None = None


class Found(NamedTuple):
    """A referral that the caller may see, with the key that pages go by."""

    key: datetime
    place: Place
    sight: Sight

    @property
    def after(self) -> After:
        return After(self.key, self.place.referral)


class Search(NamedTuple):
    """One question of one caller, to be asked page after page."""

    who: Principal
    #: What its partner could claim by.
    claimer: Claimer
    role: str | None
    terms: Terms
    #: What is sorted by, as `Asked.sort` names it.
    sort: str
    #: To find a referral would tell what is withheld of it.
    telling: bool


async def search(parts: Parts, who: Principal, asked: Narrowed, sort: str, now: datetime) -> Search:
    """Return the question, with the names in it looked up."""
    return Search(
        who, claimer_of(parts, who), asked.role, await terms(parts, who, asked, now), sort, tells_of_shared(asked)
    )


async def listed(parts: Parts, who: Principal, asked: Asked, now: datetime) -> Listed:
    """Return a page.  Raises ProblemError for a cursor that is not the caller's for this question."""
    question = asked.model_dump(mode="json", by_alias=True, exclude={"limit", "cursor", "token"})
    return await paged(parts, who, asked, Cursors(parts.binding, who, PATH, question), now)


async def paged(parts: Parts, who: Principal, asked: Asked, cursors: Cursors, now: datetime) -> Listed:
    """Return a page of the list that these cursors are of."""
    key, after = cursors.after(asked.cursor, 2)
    at = shown_at(parts, who, asked.token)
    if at is not None:
        await parts.progress.reach(at)
    wanted = await search(parts, who, asked, asked.sort, now)
    place = After(key and datetime.fromisoformat(key), after)
    async with parts.keep.snapshot(PROJECTION, who.initiative) as transaction:
        lag = await parts.progress.behind(transaction, at)
        found = await page(transaction, wanted, place, asked.limit)
    kept = found[: asked.limit]
    more = len(found) > len(kept)
    following = cursors.next(asked.limit, [kept[-1].key.isoformat(), kept[-1].place.referral]) if more else None
    return Listed([(each.place, each.sight) for each in kept], following, lag)


async def page(transaction: Transaction, wanted: Search, after: After, limit: int) -> list[Found]:
    """Return the page's referrals, and at least one more where there is one.

    Those that are not shown count for nothing: a page with fewer, or with none and another after it, would tell
    that they are there.
    """
    found: list[Found] = []
    query, size = query_of(wanted), limit + 1
    claimable = await claimable_by(transaction, wanted.who, wanted.claimer, wanted.terms.now)
    asking = (wanted.who.initiative, wanted.who.partner, wanted.role, *claimable, *wanted.terms)
    while True:
        rows = await transaction.run(query, *asking, *after, size)
        found += _seen(wanted, rows)
        if len(found) > limit or len(rows) < size:
            return found
        after, size = After(rows[-1]["key"], rows[-1]["id"]), min(size * 4, LOOKED_AT)


def query_of(wanted: Search) -> str:
    """Return the statement that finds a page."""
    found = _part("of_coordinator") if wanted.who.kind is Kind.COORDINATOR else of_partner()
    way, beyond = ("desc", "<") if wanted.sort.startswith("-") else ("asc", ">")
    key = _KEYS[wanted.sort.removeprefix("-")]
    return statement(READS, "page").format(found=found, key=key, way=way, beyond=beyond, **read_of_state("$19"))


def of_partner() -> str:
    """Return the part of a statement that finds what a partner sent and what it is asked to do."""
    ranks = ", ".join(f"('{status}', {rank})" for status, rank in RANK.items())
    return _part("of_partner").format(ranks=ranks, last=_part("last"))


def read_of_state(now: str) -> Mapping[str, str]:
    """Return by name what a statement asks of what is found; `now` is the parameter that holds the present moment."""
    found = {"now": f"{now}::timestamptz"}
    for name in _PARTS:
        found[name] = _part(name).format(**found)
    return found


def _part(name: str) -> str:
    return statement(READS, name).rstrip(";\n")


def _seen(wanted: Search, rows: list[Row]) -> list[Found]:
    """Leave out what a filter would tell of a referral whose need is withheld from the caller."""
    now = wanted.terms.now
    found = (
        (row["key"], Place(row["id"], row["record"]), of_row(wanted.who, row, now, wanted.claimer)) for row in rows
    )
    return [
        Found(key, place, sight) for key, place, sight in found if sight and not (wanted.telling and sight.withheld)
    ]
