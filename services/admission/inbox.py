"""What is kept of partners' inboxes: how far each is decided, and every record's decision until it is old.

A decision is on disk before anything of it is published, so that a record is decided once, whoever crashes when.
"""

import os
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from events.topics import ALL
from projections.batch import Away, Fenced
from projections.sql import statement
from projections.store.outage import outages
from services.admission.decision import Decision
from services.admission.publish import SALT_BYTES, At, Outgoing
from services.admission.result import Result
from services.runtime.store import Pool

SQL = Path(__file__).with_name("inbox.sql")
#: The first half of every inbox's advisory lock.
READING = 0x696E6278
#: Milliseconds after which a session that says nothing loses its locks: its process is frozen or cut off.
SILENT_MS = 6000
_TOPICS = {topic.family: topic for topic in ALL}


class Inbox(NamedTuple):
    """One partner's inbox: everything before `next_offset` is decided, the last of it with this fingerprint."""

    partner: str
    initiative: str
    topic: str
    number: int
    life: int = 0
    next_offset: int | None = None
    last_hash: bytes | None = None


class Taken(NamedTuple):
    """A record of an inbox with its decision; `life` tells apart topics of the same name."""

    life: int
    offset: int
    recorded_at: datetime | None
    decision: Decision


class Moved(NamedTuple):
    """How far a batch moves an inbox: from, to, and the fingerprint of the last record."""

    start: int | None
    stop: int
    last_hash: bytes


class Lease:
    """The inboxes that this session reads, each by a lock that PostgreSQL lets go of when the session ends."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._held: tuple[int, ...] = ()

    async def beat(self) -> list[Inbox]:
        """Take what is free, keep what is held, and return all of it as it now stands; raises Away."""
        with outages():
            rows = await self._connection.fetch(statement(SQL, "beat"), READING, self._held)
        self._held = tuple(row["number"] for row in rows)
        return [Inbox(**row) for row in rows]


class InboxStore:
    """Each method is one statement, whatever the count, and raises Away when PostgreSQL does not answer."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @asynccontextmanager
    async def lease(self) -> AsyncIterator[Lease]:
        """Give a lease on a session of its own, which gives everything back when the block ends."""
        with outages():
            connection = await self._pool.acquire()
        try:
            with outages():
                await connection.execute("select set_config('idle_session_timeout', $1, false)", str(SILENT_MS))
            yield Lease(connection)
        finally:
            # Ended, not handed back: with it every lock is gone at once.  It may have ended by itself.
            with suppress(Away), outages():
                connection.terminate()
            await self._pool.release(connection)

    async def inboxes(self) -> list[Inbox]:
        """Return every inbox, by partner."""
        return [Inbox(**row) for row in await self._fetch("inboxes")]

    async def make(self, initiative: str, topics: Iterable[tuple[str, str]]) -> list[str]:
        """Note inboxes, given as (partner, topic); return the partners that had none."""
        partners, names = zip(*topics, strict=True)
        return [row["partner"] for row in await self._fetch("make", initiative, partners, names)]

    async def restart(self, partner: str) -> int | None:
        """Begin an inbox's topic anew and return the number of its life; None when there is no such inbox."""
        rows = await self._fetch("restart", partner)
        return int(rows[0]["life"]) if rows else None

    async def decide(self, inbox: Inbox, moved: Moved, taken: Sequence[Taken]) -> None:
        """Keep the decisions and move the inbox on, both or neither.  Raises Fenced when another intake moved it."""
        columns = zip(*map(_row, taken), strict=True)
        rows = await self._fetch("decide", inbox.partner, inbox.life, *moved, *columns)
        if len(rows) != len(taken):
            raise Fenced(inbox.topic)

    async def pending(self, partner: str, most: int) -> list[Taken]:
        """Return the first decisions that are not known to stand on the log, in the inbox's order."""
        return [_pending(row) for row in await self._fetch("pending", partner, most)]

    async def published(self, partner: str, placed: Sequence[tuple[Taken, At]]) -> None:
        """Note where decisions stand on the log, and let go of their bytes."""
        rows = [(each.life, each.offset, at.partition, at.offset) for each, at in placed]
        await self._fetch("published", partner, *zip(*rows, strict=True))

    async def page(self, partner: str, after: tuple[int, int], most: int) -> list[dict[str, Any]]:
        """Return what became of the records after (life, offset), in order."""
        return [dict(row) for row in await self._fetch("page", partner, *after, most)]

    async def event(self, partner: str, event: str, most: int) -> list[dict[str, Any]]:
        """Return what became of the records that carried the event, by its id on the log."""
        return [dict(row) for row in await self._fetch("event", partner, event, most)]

    async def prune(self, before: datetime) -> None:
        """Forget the decisions about records that are older, but for those still to be published."""
        await self._fetch("prune", before)

    async def _fetch(self, name: str, *arguments: Any) -> list[Any]:
        with outages():
            return list(await self._pool.fetch(statement(SQL, name), *arguments))


def settled(decision: Decision) -> Decision:
    """Return the decision with everything that will stand on the log in it, the salt too."""
    if decision.outgoing is None:
        return decision
    return decision._replace(outgoing=decision.outgoing._replace(salt=os.urandom(SALT_BYTES)))


def told(row: dict[str, Any], topic_prefix: str = "") -> dict[str, Any]:
    """Return what a row of `page` or `event` says, as its partner may be told it."""
    placed = row["log_offset"] is not None
    token = f"{topic_prefix}{row['topic']}-{row['log_partition']}:{row['log_offset']}" if placed else None
    named = ("recorded_at", "code", "pointer", "detail", "event", "subject", "alias")
    record = f"{row['life']}:{row['record_offset']}"
    return {"record": record, "ok": row["code"] is None, **{name: row[name] for name in named}, "token": token}


def _row(taken: Taken) -> tuple[Any, ...]:
    result, outgoing = taken.decision.result, taken.decision.outgoing
    problem = result.problem
    why = (problem.code, problem.pointer, problem.detail) if problem else (None, None, None)
    said = (outgoing.topic.family, outgoing.key, outgoing.value, outgoing.salt) if outgoing else (None,) * 4
    names = (result.subject, result.alias)
    return (taken.offset, taken.recorded_at, taken.decision.event, *why, *names, *said, taken.decision.opens)


def _pending(row: Any) -> Taken:
    outgoing = Outgoing(_TOPICS[row["topic"]], row["key"], row["value"], row["salt"])
    result = Result(0, None, None, row["event"], row["subject"], row["alias"])
    return Taken(row["life"], row["record_offset"], None, Decision(result, row["event"], outgoing, row["opens"]))
