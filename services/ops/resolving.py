"""Parked entries retried or skipped by an operator, each noted with who and why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from events.catalogue import Event
from events.codec import UnknownType, Unreadable
from events.codec import read as read_event
from projections.projection import Projection
from projections.record import Partition
from projections.sql import statement
from projections.store.pool import Connection, Pool
from projections.store.releasing import Done, Note, Parking, Queue
from services.ops.errors import NotParked, NotSkippable
from services.ops.released import released
from services.runtime.errors import Fault
from services.runtime.log import read
from services.runtime.settings import Settings

SQL = Path(__file__).with_name("resolving.sql")
#: Records that are read along rather than asking the broker once more.
NEAR = 1_000


class EventGone(Fault):
    """The event of a parked entry cannot be read from the log."""

    code = "event-gone"
    hint = "A newer build may have to read it; if the log was cut, restore the broker's own log."


@dataclass(frozen=True)
class Wish:
    """What is to be done with what waits for a view: with one aggregate by its id, or with all of them.

    `person` is the random id of who does it; `why` is a code, given where entries are skipped.
    """

    view: str
    aggregate: str | None
    person: str
    why: str | None = None


async def retry(settings: Settings, pool: Pool, projection: Projection, schema: str, wish: Wish) -> list[Done]:
    """Offer what waits to its view again, aggregate by aggregate.  Raises NotParked or EventGone."""
    parking = Parking(pool, projection, schema)

    async def events(partition: Partition, offsets: Sequence[int]) -> Mapping[int, Event]:
        return await _events(settings, projection, partition, offsets)

    note = _noting(projection, schema, wish, "retried")
    return [await parking.release(queue, events, note) for queue in await _queues(parking, wish)]


async def skip(pool: Pool, projection: Projection, schema: str, wish: Wish) -> list[Done]:
    """Drop what waits; its view goes on without it.  Raises NotParked or NotSkippable."""
    if wish.view == "timeline":
        raise NotSkippable(wish.view)
    parking = Parking(pool, projection, schema)
    note = _noting(projection, schema, wish, "skipped")
    return [await parking.skip(queue, note) for queue in await _queues(parking, wish)]


async def _queues(parking: Parking, wish: Wish) -> list[Queue]:
    found = await parking.queues(wish.view, wish.aggregate)
    if not found:
        raise NotParked(wish.view if wish.aggregate is None else f"{wish.view} of {wish.aggregate}")
    return found


def _noting(projection: Projection, schema: str, wish: Wish, deed: str) -> Note:
    async def note(connection: Connection, done: Done) -> None:
        if done.entries:
            said = (wish.person, deed, wish.why, projection.name, schema)
            waiting, place = done.queue.waiting, (*done.queue.partition, done.first)
            about = (waiting.view, *waiting.key, *place, done.before, done.entries)
            await connection.execute(statement(SQL, "note"), *said, *about)
            await released(connection, (projection.name, schema), waiting.view, done.rows)

    return note


async def _events(
    settings: Settings, projection: Projection, partition: Partition, offsets: Sequence[int]
) -> dict[int, Event]:
    """Return the events at these offsets.  Raises EventGone, LogCut or HistoryMissing."""
    wanted, found = set(offsets), {}
    for span in _stretches(sorted(wanted)):
        async for _, records in read(settings, {partition: span}):
            for record in records:
                if record.offset in wanted:
                    found[record.offset] = _event(projection, partition, record.offset, (record.key, record.value))
    return found


def _event(projection: Projection, at: Partition, offset: int, said: tuple[bytes | None, bytes | None]) -> Event:
    try:
        event = read_event(projection.topic, *said)
    except UnknownType as newer:
        raise EventGone(f"{newer.name} at {at.topic}-{at.number}:{offset}") from None
    if isinstance(event, Unreadable):
        raise EventGone(f"{event.reason} at {at.topic}-{at.number}:{offset}")
    return event


def _stretches(offsets: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield spans that hold all offsets and little else."""
    first = last = offsets[0]
    for offset in offsets[1:]:
        if offset - last > NEAR:
            yield first, last + 1
            first = offset
        last = offset
    yield first, last + 1
