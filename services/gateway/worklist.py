"""What waits for a partner, or because of it: four lists of referrals, each with how many it holds, page by page."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NamedTuple, get_args

from projections.sql import statement
from services.gateway.cursor import Cursors
from services.gateway.parts import Parts
from services.gateway.principal import Principal
from services.gateway.progress import PROJECTION
from services.gateway.seeing import READS, Place, of_row
from services.gateway.sight import Sight
from services.gateway.store import Row

SQL = Path(__file__).with_name("worklist.sql")
PATH = "/work"
#: Referrals of a page: each that is shown goes on record.
LIMIT = 25
List = Literal["answer", "waiting", "overdue", "ended"]
LISTS: tuple[List, ...] = get_args(List)
#: Who is in all of them: both sides.
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
    asked = (who.initiative, who.partner, _EVERYBODY, now)
    place = (key and datetime.fromisoformat(key), after)
    async with parts.keep.snapshot(PROJECTION, who.initiative) as transaction:
        counted = await transaction.run(_query("counts"), *asked)
        rows = await transaction.run(_query("page"), *asked, name, *place, LIMIT + 1)
    items = [_item(who, row, now) for row in rows[:LIMIT]]
    last = items[-1] if len(rows) > LIMIT else None
    following = cursors.next(LIMIT, [last.key.isoformat(), last.place.referral]) if last else None
    counts = MappingProxyType(dict.fromkeys(LISTS, 0) | {row["list"]: row["count"] for row in counted})
    return Work(items, following, counts)


def _query(name: str) -> str:
    found = statement(READS, "of_partner").rstrip(";\n")
    return f"{statement(SQL, 'listed').format(found=found)}\n{statement(SQL, name)}"


def _item(who: Principal, row: Row, now: datetime) -> Item:
    sight = of_row(who, row, now)
    if sight is None:
        raise LookupError("a partner's own referral is not there for it")
    return Item(Place(row["id"], row["record"]), sight, row["key"])
