"""Erasures from the asking to the end, in `keep`: who asked, who approved, what stands against it, what was done."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from projections.sql import statement
from projections.store.outage import outages
from services.runtime.store import Pool
from services.vault.errors import SamePerson

SQL = Path(__file__).with_name("erasure.sql")


@dataclass(frozen=True, slots=True)
class Erasure:
    """One client's erasure, known to people by its certificate's id."""

    certificate: str
    initiative: str
    client: str
    #: The partner that asked.
    asked_by: str
    asked_at: datetime
    #: The two persons who let it happen.
    approved_by: str | None
    seconded_by: str | None
    #: When the waiting period ends.
    due_at: datetime | None
    begun_at: datetime | None
    done_at: datetime | None
    #: Somebody has a duty to keep.
    held: bool

    def is_due(self, now: datetime) -> bool:
        """Say whether it may happen now."""
        return self.due_at is not None and self.due_at <= now and self.done_at is None and not self.held


class Erasures:
    """All methods raise Away when PostgreSQL does not answer; the same call may be made again then."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def ask(self, initiative: str, client: str, partner: str, now: datetime) -> str:
        """Open an erasure and return its certificate's id; the one opened before when there is one."""
        async with self._connection() as connection:
            await connection.execute(statement(SQL, "ask"), str(uuid4()), initiative, client, partner, now)
            return str(await connection.fetchval(statement(SQL, "asked"), initiative, client))

    async def all(self) -> list[Erasure]:
        """Return every erasure, the one asked for first before the others."""
        async with self._connection() as connection:
            return [_erasure(row) for row in await connection.fetch(statement(SQL, "all"))]

    async def approve(self, erasure: Erasure, person: str, due: datetime) -> bool:
        """Let it happen as one of two persons; return whether it now has both and happens at `due`.

        Raises SamePerson when the first and the second would be one.
        """
        if person == erasure.approved_by:
            raise SamePerson("a second person has to approve")
        async with self._connection() as connection, connection.transaction():
            if await _changed(connection, "approve", erasure.certificate, person):
                return False
            # Fails to change anything when two persons came at once and the first one was this one.
            return await _changed(connection, "second", erasure.certificate, person, due)

    async def begin(self, erasure: Erasure, now: datetime) -> datetime | None:
        """Begin, or go on with one that was interrupted; return the time it carries, None when it may not happen."""
        async with self._alone(erasure.initiative, erasure.client) as connection:
            begun: datetime | None = await connection.fetchval(statement(SQL, "begin"), erasure.certificate, now)
            return begun

    async def done(self, erasure: Erasure, now: datetime) -> None:
        """Note that it has happened."""
        async with self._connection() as connection:
            await connection.execute(statement(SQL, "done"), erasure.certificate, now)

    async def hold(self, initiative: str, client: str, person: str, now: datetime) -> bool:
        """Keep a client from being erased; return False when that comes too late."""
        async with self._alone(initiative, client) as connection:
            if await _changed(connection, "hold", initiative, client, person, now):
                await _note(connection, "hold-placed", (initiative, client), person, now)
            return bool(await connection.fetchval(statement(SQL, "held"), initiative, client))

    async def release(self, initiative: str, client: str, person: str, now: datetime) -> None:
        """End a duty to keep."""
        async with self._alone(initiative, client) as connection:
            if await connection.fetchval(statement(SQL, "release"), initiative, client) is not None:
                await _note(connection, "hold-released", (initiative, client), person, now)

    @asynccontextmanager
    async def _alone(self, initiative: str, client: str) -> AsyncIterator[Any]:
        async with self._connection() as connection, connection.transaction():
            await connection.execute(statement(SQL, "alone"), initiative, client)
            yield connection

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        with outages():
            async with self._pool.acquire() as connection:
                yield connection


async def _changed(connection: Any, name: str, *arguments: Any) -> bool:
    return not str(await connection.execute(statement(SQL, name), *arguments)).endswith(" 0")


async def _note(connection: Any, code: str, about: tuple[str, str], person: str, now: datetime) -> None:
    initiative, client = about
    await connection.execute(statement(SQL, "act"), str(uuid4()), now, person, code, initiative, client)


def _erasure(row: Any) -> Erasure:
    named = dict(row)
    for name in ("certificate", "client", "approved_by", "seconded_by"):
        named[name] = None if named[name] is None else str(named[name])
    return Erasure(**named)
