"""What the timekeeper reads: which offers wait for the clock, and which wait for a partner that is gone."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

import asyncpg

from projections.batch import Away
from projections.sql import statement
from projections.store.outage import outages
from services.runtime.moment import moment

SQL = Path(__file__).with_name("deadline.sql")
#: What PostgreSQL says when no build with these tables is served.
_MISSING = (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError)
_NO_ID = "00000000-0000-0000-0000-000000000000"
_ALWAYS = datetime(1, 1, 1, tzinfo=UTC)


class NotServed(Away):
    """No build of the referral projection that holds deadlines is served yet."""


class Waiting(NamedTuple):
    """An offer whose deadline came."""

    record: str
    referral: str
    offer: str
    #: The event that says so: its short name, without the family.
    kind: str
    due: datetime
    #: The number of the promise that it follows: each is reminded of for itself, though it names a moment of before.
    promise: int
    sent: datetime


#: A side of an offer.
Side = Literal["recipient", "sender"]
SIDES: tuple[Side, ...] = get_args(Side)


class Gone(NamedTuple):
    """A partner that takes no part, as one side of its offers."""

    initiative: str
    partner: str
    side: Side


class Held(NamedTuple):
    """An offer, open or awaited late, that a partner which takes no part is a side of."""

    record: str
    referral: str
    offer: str
    sent: datetime


class Deadlines:
    """Each method reads one moment of the served build, and raises Away when PostgreSQL does not answer."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def due(
        self, initiative: str, now: datetime, most: int, *, backfilled: bool, after: Waiting | None
    ) -> list[Waiting]:
        """Return what was due by now, the oldest first, behind `after`."""
        behind = (_ALWAYS, _NO_ID, _NO_ID, _NO_ID) if after is None else (after.due, *after[:3])
        return [Waiting(**row) for row in await self._fetch("due", initiative, backfilled, now, *behind, most)]

    async def coming(self, initiative: str, now: datetime, *, backfilled: bool) -> datetime | None:
        """Return when the next deadline after now comes, None when there is none."""
        [row] = await self._fetch("coming", initiative, backfilled, now)
        found: datetime | None = row["due"]
        return found

    async def holding(self, initiative: str, side: Side, partners: list[str], *, backfilled: bool) -> list[Gone]:
        """Return those of the partners at which `held` finds anything, in the order given, by one statement."""
        asked = statement(SQL, "holding").format(side=side)
        found = await self._run(asked, initiative, partners, backfilled)
        return [Gone(initiative, row["partner"], side) for row in found]

    async def held(self, by: Gone, most: int, *, backfilled: bool, after: Held | None) -> list[Held]:
        """Return what is open at the partner, or what it asked and somebody may still answer, behind `after`.

        Backfilled ones are among them only if asked for.
        """
        behind = (_NO_ID, _NO_ID, _NO_ID) if after is None else after[:3]
        asked = statement(SQL, "held").format(side=by.side)
        found = await self._run(asked, by.initiative, by.partner, backfilled, *behind, most)
        return [Held(**row) for row in found]

    async def _fetch(self, name: str, initiative: str, *arguments: Any) -> list[asyncpg.Record]:
        return await self._run(statement(SQL, name), initiative, *arguments)

    async def _run(self, query: str, initiative: str, *arguments: Any) -> list[asyncpg.Record]:
        with _reading():
            async with moment(self._pool, initiative) as connection:
                return await connection.fetch(query, initiative, *arguments)


@contextmanager
def _reading() -> Iterator[None]:
    try:
        with outages():
            yield
    except _MISSING:
        raise NotServed("no build with deadlines is served yet") from None
