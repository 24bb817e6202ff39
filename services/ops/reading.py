"""What an operator reads of the served referral build: the board, timelines and refusals."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from projections.referral import REFERRAL
from projections.sql import statement
from projections.store import schema_exists
from projections.store.pool import Pool
from projections.timeline import TIMELINE
from services.ops.errors import NoSuchReferral, NothingFolded
from services.ops.operator import operating
from services.runtime.builds import api_of
from services.runtime.settings import Settings

READS = Path(__file__).with_name("reads.sql")
Line = dict[str, Any]


@dataclass(frozen=True)
class Wanted:
    """What to show of the board: each part that is given narrows it."""

    initiative: str | None = None
    status: str | None = None
    sender: str | None = None
    recipient: str | None = None
    need: str | None = None


@dataclass(frozen=True)
class After:
    """The refusal that the page before ended with."""

    topic: str | None = None
    partition: int | None = None
    offset: int | None = None


class Reading:
    """One build's tables, read alone."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def summary(self, initiative: str | None = None) -> list[Line]:
        """Return how many referrals stand how."""
        return await self._lines("summary", initiative)

    async def counts(self) -> Line:
        """Return how much there is of everything."""
        return (await self._lines("counts"))[0]

    async def board(self, wanted: Wanted, after: str | None, limit: int) -> list[Line]:
        """Return a page of the board in key order, beginning after the referral `after`."""
        asked = (wanted.initiative, wanted.status, wanted.sender, wanted.recipient, wanted.need)
        return await self._lines("board", *asked, after and _uuid(after), limit)

    async def referral(self, referral: str) -> Line:
        """Return one referral's row.  Raises NoSuchReferral."""
        found = await self._lines("referral", _uuid(referral))
        if not found:
            raise NoSuchReferral(f"there is no referral {referral}")
        return found[0]

    async def timeline(self, row: Line) -> list[Line]:
        """Return every event about the referral of this row, in order, refused ones included."""
        async with self._pool.acquire() as connection:
            about = (row["initiative"], row["record"], row["id"])
            rows = await connection.fetch(statement(TIMELINE.sql, "of_subject"), *about)
        return [dict(each) for each in rows]

    async def longest(self) -> str | None:
        """Return a referral worth looking at."""
        found = await self._lines("longest")
        return str(found[0]["subject"]) if found else None

    async def refusals_by_code(self) -> list[Line]:
        return await self._lines("refusals_by_code")

    async def refusals(self, code: str | None, source: str | None, after: After, limit: int) -> list[Line]:
        """Return a page of refusals in log order."""
        return await self._lines("refusals", code, source, after.topic, after.partition, after.offset, limit)

    async def _lines(self, name: str, *arguments: Any) -> list[Line]:
        async with self._pool.acquire() as connection:
            rows: Sequence[Any] = await connection.fetch(statement(READS, name), *arguments)
        return [dict(row) for row in rows]


@asynccontextmanager
async def reading(settings: Settings) -> AsyncIterator[Reading]:
    """Give the build in service.  Raises NothingFolded when no processor has made one yet."""
    async with serving(settings, REFERRAL.name) as pool:
        yield Reading(pool)


@asynccontextmanager
async def serving(settings: Settings, projection: str) -> AsyncIterator[Pool]:
    """Give connections that see the projection's build in service.  Raises NothingFolded when there is none yet."""
    schema = api_of(projection)
    pool = await operating(settings, "manyhands reading", size=2, search_path=schema)
    try:
        async with pool.acquire() as connection:
            if not await schema_exists(connection, schema):
                raise NothingFolded(f"no processor of {projection} has run against this database yet")
        yield pool
    finally:
        await pool.close()


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise NoSuchReferral(f"{text!r} is no referral's id") from None
