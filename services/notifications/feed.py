"""A partner's feed as it is read: page after page, resumed where a cursor stands."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from projections.sql import statement
from projections.store.pool import Connection, Pool
from services.runtime.errors import Fault
from services.runtime.moment import moment

SQL = Path(__file__).with_name("feed.sql")
#: One partition's part of a cursor: its number, the offset and the ordinal that were seen last.
_PART = re.compile(r"([0-9]{1,9})-([0-9]{1,18})-([0-9]{1,9})")
#: Parts that a cursor may have: more than any topic has partitions.
_MOST = 4096
#: Columns that an entry does not have by these names.
_PLACING = frozenset({"partner", "record_offset", "ordinal"})


class CursorUnreadable(Fault):
    """This is not a cursor that a feed gave out."""

    code = "bad-cursor"
    hint = "Give back the `cursor` of an earlier page as it was, or leave it out to begin anew."


class Place(NamedTuple):
    """Where an entry stands in its partition; one record may tell a partner several things.

    What was released from parking stands behind the last record folded by then: after whatever a reader has seen.
    """

    offset: int
    ordinal: int


@dataclass(frozen=True)
class Cursor:
    """What a reader has seen: the last place of each partition; nothing yet of those it does not name."""

    seen: Mapping[int, Place] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return it as text that fits into a URL as it is."""
        return ".".join(f"{number}-{offset}-{ordinal}" for number, (offset, ordinal) in sorted(self.seen.items()))

    @classmethod
    def read(cls, text: str) -> "Cursor":
        """Return the cursor that the text says.  Raises CursorUnreadable."""
        if not text:
            return cls()
        parts = [_PART.fullmatch(part) for part in text.split(".", _MOST)]
        found = {int(part[1]): Place(int(part[2]), int(part[3])) for part in parts if part}
        if len(found) != len(parts):
            raise CursorUnreadable("the cursor is not one of a feed")
        return cls(found)

    def after(self, entries: Sequence["Entry"]) -> "Cursor":
        """Return the cursor of one who has seen these entries, in their order, too."""
        return Cursor({**self.seen, **{entry.partition: entry.place for entry in entries}})

    def columns(self) -> tuple[list[int], list[int], list[int]]:
        """Return partitions, offsets and ordinals."""
        return (
            list(self.seen),
            [place.offset for place in self.seen.values()],
            [place.ordinal for place in self.seen.values()],
        )


class Whose(NamedTuple):
    """Whose feed it is: an initiative's partner."""

    initiative: str
    partner: str


@dataclass(frozen=True)
class Entry:
    """One thing that the partner is told: ids and codes, never anybody's words."""

    #: What happened, why it reached this partner, and what it can do next.
    kind: str
    why: str
    next: str
    referral: str | None
    offer: str | None
    #: The partner on the offer's other side.
    counterpart: str | None
    #: The reason given, or what it was refused for.
    code: str | None
    #: It is about a protected programme: to others than the partner it may not be shown as what it is.
    protected: bool
    #: The event that it comes from, by its id on the log and its type in short.
    event: str
    type: str
    happened: datetime
    recorded: datetime
    partition: int
    place: Place


@dataclass(frozen=True)
class Page:
    """Some entries, and the cursor of one who has seen them; `more` says whether others follow already."""

    entries: tuple[Entry, ...]
    cursor: Cursor
    more: bool


#: Asks a statement of the feed by its name, in one moment of it, and gives rows.
Ask = Callable[..., Awaitable[Sequence[Any]]]


async def following(ask: Ask, whose: Whose, cursor: Cursor, limit: int) -> Page:
    """Return what follows the cursor, oldest first."""
    found = entries(await ask("after", *whose, *cursor.columns(), limit + 1))
    return Page(found[:limit], cursor.after(found[:limit]), len(found) > limit)


async def latest(ask: Ask, whose: Whose, limit: int) -> Page:
    """Return the last entries, newest first; the cursor is that of one who has seen the whole feed."""
    found = entries(await ask("newest", *whose, limit + 1))
    return Page(found[:limit], await end(ask, whose), len(found) > limit)


async def end(ask: Ask, whose: Whose) -> Cursor:
    """Return the cursor of one who has seen the whole feed."""
    heads = await ask("heads", *whose)
    return Cursor({number: Place(offset, ordinal) for number, offset, ordinal in (row.values() for row in heads)})


async def earlier(ask: Ask, whose: Whose, shown: Cursor, limit: int) -> Page:
    """Return what precedes the first places shown of each partition, newest first; the cursor is what is shown then."""
    found = entries(await ask("before", *whose, *shown.columns(), limit + 1))
    return Page(found[:limit], shown.after(found[:limit]), len(found) > limit)


async def after(pool: Pool, whose: Whose, cursor: Cursor, limit: int) -> Page:
    """Return what follows the cursor, oldest first.

    The pool's search path is the schema that readers of communication use.
    """
    async with moment(pool, whose.initiative) as connection:
        return await following(partial(_ask, connection), whose, cursor, limit)


async def newest(pool: Pool, whose: Whose, limit: int) -> Page:
    """Return the last entries, newest first; the cursor is that of one who has seen the whole feed."""
    async with moment(pool, whose.initiative) as connection:
        return await latest(partial(_ask, connection), whose, limit)


async def counts(pool: Pool, whose: Whose, cursor: Cursor) -> dict[str, int]:
    """Return how many entries of each kind follow the cursor."""
    async with moment(pool, whose.initiative) as connection:
        rows = await _ask(connection, "counts", *whose, *cursor.columns())
    return {row["kind"]: row["entries"] for row in rows}


def entries(rows: Sequence[Any]) -> tuple[Entry, ...]:
    """Return rows of the feed as entries."""
    return tuple(map(entry, rows))


def entry(row: Any) -> Entry:
    """Return one row of the feed as an entry."""
    said = {name: value for name, value in row.items() if name not in _PLACING}
    return Entry(**said, place=Place(row["record_offset"], row["ordinal"]))


def asking(fetch: Callable[..., Awaitable[Sequence[Any]]]) -> Ask:
    """Return what asks the feed's statements of something that fetches a file's statements by name."""
    return partial(fetch, SQL)


async def _ask(connection: Connection, name: str, *arguments: Any) -> Sequence[Any]:
    return await connection.fetch(statement(SQL, name), *arguments)
