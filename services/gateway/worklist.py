"""What waits for a partner, or because of it: seven lists of referrals, each with how many it holds, page by page."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NamedTuple, get_args

from projections.sql import statement
from services.gateway.cursor import Cursors
from services.gateway.listing import of_partner, read_of_state
from services.gateway.parts import Parts
from services.gateway.principal import Principal
from services.gateway.progress import PROJECTION
from services.gateway.seeing import Place, claimable_by, claimer_of, of_row
from services.gateway.sight import Claimer, Sight
from services.gateway.store import Row

SQL = Path(__file__).with_name("worklist.sql")
PATH = "/work"
#: Referrals of a page: each that is shown goes on record.
LIMIT = 25
List = Literal["answer", "taken", "waiting", "overdue", "ended", "again", "unsent"]
LISTS: tuple[List, ...] = get_args(List)
#: Who is in all of them: every side.
_EVERYBODY = None


class Item(NamedTuple):
    """A referral in a list, and the time that the list goes by."""

    place: Place
    sight: Sight
    key: datetime


class Work(NamedTuple):
    """A page of one list, the address of the next, and how many referrals each list holds."""

    items: list[Item]
    next: str | None
    counts: Mapping[str, int]


async def work(parts: Parts, who: Principal, name: List, cursor: str | None, now: datetime) -> Work:
    """Return a page.  Raises ProblemError for a cursor that is not the caller's for this list."""
    cursors = Cursors(parts.binding, who, PATH, {"list": name})
    key, after = cursors.after(cursor, 2)
    claimer = claimer_of(parts, who)
    place = (key and datetime.fromisoformat(key), after)
    async with parts.keep.snapshot(PROJECTION, who.initiative) as transaction:
        claimable = await claimable_by(transaction, who, claimer, now)
        asked = (who.initiative, who.partner, _EVERYBODY, *claimable, now)
        counted = await transaction.run(_query("counts"), *asked)
        rows = await transaction.run(_query("page"), *asked, name, *place, LIMIT + 1)
    items = [_item(who, row, now, claimer) for row in rows[:LIMIT]]
    last = items[-1] if len(rows) > LIMIT else None
    following = cursors.next(LIMIT, [last.key.isoformat(), last.place.referral]) if last else None
    counts = MappingProxyType(dict.fromkeys(LISTS, 0) | {row["list"]: row["count"] for row in counted})
    return Work(items, following, counts)


def _query(name: str) -> str:
    listed = statement(SQL, "listed").format(found=of_partner(), **read_of_state("$6"))
    return f"{listed}\n{statement(SQL, name)}"


def _item(who: Principal, row: Row, now: datetime, claimer: Claimer) -> Item:
    sight = of_row(who, row, now, claimer)
    if sight is None:
        raise LookupError("what a partner takes part in is not there for it")
    return Item(Place(row["id"], row["record"]), sight, row["key"])
