"""Parked entries released into their view's table, in one transaction that no fold of the partition gets between."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from events.catalogue import Event
from projections.batch import Parked, Waiting
from projections.parking import thawed
from projections.projection import Identity, Key, Projection, Row
from projections.record import Partition
from projections.releasing import Erased, Held, Released, release, view_of
from projections.sql import statement
from projections.store.outage import outages
from projections.store.pool import Connection, Pool
from projections.store.schema import FOLDER, quoted
from projections.store.writer import ROWS, Unstorable, Writer

PARKED = FOLDER / "parked.sql"

Read = Callable[[Partition, Sequence[int]], Awaitable[Mapping[int, Event]]]
Note = Callable[[Connection, "Done"], Awaitable[None]]


@dataclass(frozen=True)
class Queue:
    """One aggregate of one view, with entries of one partition waiting."""

    partition: Partition
    waiting: Waiting


@dataclass(frozen=True)
class Done:
    """What became of a queue: entries that left it, those still in it, and why its first one failed again."""

    queue: Queue
    first: int
    entries: int
    left: int
    error: str | None
    #: Why the first entry had been parked.
    before: str | None
    #: What its view's table has now that it had not.
    rows: Sequence[Row] = ()


class Moved(Exception):
    """The queue has grown since its events were read."""


class Parking:
    """The parked entries of one build.  All methods raise Away when PostgreSQL does not answer."""

    def __init__(self, pool: Pool, projection: Projection, schema: str) -> None:
        self._pool = pool
        self._projection = projection
        self._schema = schema
        self._begin = statement(ROWS, "begin").format(schema=quoted(schema))

    async def queues(self, view: str, aggregate: str | None = None) -> list[Queue]:
        """Return which aggregates of the view wait, or whether the one of this id does."""
        with outages():
            async with self._pool.acquire() as connection, connection.transaction():
                await connection.execute(self._settings())
                rows = await connection.fetch(statement(PARKED, "queues"), view, aggregate)
        return [Queue(Partition(*row[:2]), Waiting(view, Key(*row[2:]))) for row in map(tuple, rows)]

    async def release(self, queue: Queue, read: Read, note: Note) -> Done:
        """Offer the queue's entries to their view again and write what it makes of them; the rest goes on waiting.

        `read` gives the events at these offsets; `note` writes down what was done, in the same transaction.
        Raises KeyError when the projection has no such view any more.
        """
        refused: dict[str, list[tuple[Row, str]]] = {}
        events: dict[int, Event] = {}
        while True:
            try:
                return await self._release(queue, events, refused, note)
            except Moved as moved:
                events |= await read(queue.partition, moved.args[0])
            except Unstorable:
                continue

    async def skip(self, queue: Queue, note: Note) -> Done:
        """Drop the queue's entries."""
        with outages():
            async with self._pool.acquire() as connection, connection.transaction():
                await self._still(connection, queue)
                rows = await self._rows(connection, queue)
                await self._gone(connection, queue, [row[0] for row in rows])
                done = Done(queue, rows[0][0] if rows else 0, len(rows), 0, None, rows[0][6] if rows else None)
                await note(connection, done)
        return done

    async def _release(
        self, queue: Queue, events: Mapping[int, Event], refused: dict[str, list[tuple[Row, str]]], note: Note
    ) -> Done:
        writer = Writer(view_of(self._projection, queue.waiting.view).table, self._schema)
        with outages():
            async with self._pool.acquire() as connection, connection.transaction():
                await self._still(connection, queue)
                await connection.execute(writer.stage or "select")
                held = await self._held(connection, queue, events)
                if not held:
                    return Done(queue, 0, 0, 0, None, None)
                erased = await self._erased(connection, queue, events)
                found = release(self._projection, queue.partition, held, erased, refused)
                await self._write(connection, writer, found, refused)
                done = await self._settle(connection, queue, held, found)
                await note(connection, done)
        return done

    async def _write(
        self, connection: Connection, writer: Writer, found: Released, refused: dict[str, list[tuple[Row, str]]]
    ) -> None:
        """Write the rows.  Raises Unstorable, with the rows that cannot be written added to `refused`."""
        codes = await writer.refused(connection, found.rows) if found.rows and not found.unstorable else {}
        more = [*found.unstorable, *((found.rows[each], code) for each, code in codes.items())]
        if more:
            refused.setdefault(writer.table.name, []).extend(more)
            raise Unstorable(writer.table.name, taken=False)

    async def _settle(self, connection: Connection, queue: Queue, held: Sequence[Held], found: Released) -> Done:
        gone, left = held[: found.entries], held[found.entries :]
        await self._gone(connection, queue, [each.parked.offset for each in gone])
        if left:
            at = (*queue.partition, queue.waiting.view, left[0].parked.offset)
            await connection.execute(statement(PARKED, "failed"), *at, found.error)
        first = held[0].parked
        return Done(queue, first.offset, len(gone), len(left), found.error, first.error, found.rows)

    async def _still(self, connection: Connection, queue: Queue) -> None:
        """Keep the partition from being folded on until the transaction ends."""
        await connection.execute(self._settings())
        await connection.execute(statement(PARKED, "durable"))
        await connection.fetch(statement(PARKED, "still"), *queue.partition)

    def _settings(self) -> str:
        return self._begin.removeprefix("begin;")

    async def _held(self, connection: Connection, queue: Queue, events: Mapping[int, Event]) -> list[Held]:
        """Return the queue.  Raises Moved with the offsets whose events are not known yet."""
        found: list[Held] = []
        rows = await self._rows(connection, queue)
        told = await self._told(connection, queue)
        missing = ({row[0] for row in rows} | told.keys()) - events.keys()
        if missing:
            raise Moved(sorted(missing))
        for offset, *identity, digest, error, entry, copies in rows:
            parked = Parked(queue.waiting, offset, Identity(*identity), digest, error, entry)
            found.append(Held(parked, events[offset], copies))
        return found

    async def _rows(self, connection: Connection, queue: Queue) -> list[Row]:
        asked = (*queue.partition, queue.waiting.view, *queue.waiting.key)
        return [tuple(row) for row in await connection.fetch(statement(PARKED, "queue"), *asked)]

    async def _told(self, connection: Connection, queue: Queue) -> dict[int, str]:
        key = queue.waiting.key
        asked = (*queue.partition, key.initiative, key.record)
        return {row[0]: row[1] for row in await connection.fetch(statement(PARKED, "told"), *asked)}

    async def _erased(self, connection: Connection, queue: Queue, events: Mapping[int, Event]) -> Erased:
        """Return where the person was last erased, as the timeline and what waits for it say."""
        person = (queue.waiting.key.initiative, queue.waiting.key.record)
        if "timeline" not in {view.table.name for view in self._projection.views}:
            return {}
        offsets = [await connection.fetchval(statement(PARKED, "erased"), *person)]
        for offset, entry in (await self._told(connection, queue)).items():
            thaw = thawed(entry, events[offset], (queue.partition, offset), self._projection.kinds)
            if thaw.changed and self._projection.erases(events[offset]):
                offsets.append(offset)
        known = [offset for offset in offsets if offset is not None]
        return {person: max(known)} if known else {}

    async def _gone(self, connection: Connection, queue: Queue, offsets: Sequence[int]) -> None:
        await connection.execute(statement(PARKED, "gone"), *queue.partition, queue.waiting.view, list(offsets))
