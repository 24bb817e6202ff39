"""What was parked is released in order; afterwards the tables are those of a view that never failed."""

from collections.abc import Iterable, Mapping, Sequence

import pytest

from events.catalogue import Event
from events.codec import Unreadable, read
from projections.batch import Fenced, Folded
from projections.dump import compared, differences
from projections.memory import MemoryStore
from projections.projection import Entry, Key, Row, View
from projections.projector import Projector
from projections.record import Partition
from projections.ruling import Refused
from projections.store import PostgresStore
from projections.store.pool import Connection, Pool
from projections.store.releasing import Done, Parking, Read
from tests.support import schemas
from tests.support.events import Line
from tests.support.folding import CASES, folded
from tests.support.places import anywhere
from tests.support.toy import TOY, Latest, Toy
from tests.support.toylog import log

VIEWS = ("timeline", "latest", "history", "mention")


class Mended(Latest):
    """The toy's view without its two failures."""

    def rows(self, entry: Entry) -> Iterable[Row]:
        event = entry.event
        offer: str | None = getattr(event.data, "offer_id", None)
        if offer is not None and not isinstance(entry.ruling, Refused):
            yield (event.initiative, event.partitionkey, event.subject, offer, entry.at.recorded, False)


class Failing:
    """A view that fails on events whose id begins so."""

    def __init__(self, view: View, *marks: str) -> None:
        self._view = view
        self._marks = marks
        self.table = view.table

    def aggregate(self, event: Event) -> Key:
        return self._view.aggregate(event)

    def rows(self, entry: Entry) -> Iterable[Row]:
        if entry.event.id.startswith(self._marks):
            raise LookupError
        return self._view.rows(entry)


def mended() -> Toy:
    toy = Toy()
    timeline, _, *others = toy.views
    toy.views = (timeline, Mended(), *others)
    return toy


def broken() -> Toy:
    """Return the toy with views that fail now and then, in two tables more than it does by itself."""
    toy = Toy()
    timeline, latest, history, mention = toy.views
    toy.views = (Failing(timeline, "1", "2"), latest, Failing(history, "3"), mention)
    return toy


def reader(records: Sequence[Line]) -> Read:
    """Return what reads these records again."""

    async def events(partition: Partition, offsets: Sequence[int]) -> Mapping[int, Event]:
        assert partition == CASES
        return {
            offset: event
            for offset in offsets
            if not isinstance(event := read(TOY.topic, records[offset].key, records[offset].value), Unreadable)
        }

    return events


async def silent(connection: Connection, done: Done) -> None:
    """Note nothing."""


async def retried(pool: Pool, toy: Toy, schema: str, records: Sequence[Line]) -> list[Done]:
    parking = Parking(pool, toy, schema)
    queues = [queue for view in VIEWS for queue in await parking.queues(view)]
    return [await parking.release(queue, reader(records), silent) for queue in queues]


class Unwarned(PostgresStore):
    """A store that does not notice what was released since its partition was opened."""

    async def _check_waiting(self, connection: Connection, folded: Folded) -> None:
        """Let everything pass."""


@pytest.mark.parametrize("seed", range(6))
async def test_a_mended_view_takes_what_was_parked(pool: Pool, seed: int) -> None:
    assert await released_while_folding(pool, seed, PostgresStore)


async def test_a_processor_that_notices_no_release_is_found_out(pool: Pool) -> None:
    with pytest.raises(AssertionError):
        await released_while_folding(pool, 0, Unwarned)


async def released_while_folding(pool: Pool, seed: int, kind: type[PostgresStore]) -> int:
    """Release what broken views parked under a projector at work; return how often it was fenced for that."""
    records = log(seed, 300)
    whole = MemoryStore(mended())
    await folded(whole, records, 300, mended())
    schema = await schemas.made(pool)
    held = schemas.over(pool, schema, kind)
    await folded(held.store, records[:200], 7, broken())
    live = Projector(mended(), held.store, anywhere(CASES))
    start = (await live.open(CASES)).next_offset
    done = await retried(pool, mended(), schema, records)
    assert sum(each.entries for each in done) > 20
    assert {each.left for each in done} == {0}
    fenced = 0
    for index in range(start, 300, 10):
        batch = records[index : index + 10]
        try:
            await live.project(CASES, index, batch)
        except Fenced:
            fenced += 1
            await live.project(CASES, index, batch)
    async with held.source() as source:
        assert await source.stuck() == []
        assert differences(*await compared(whole, source, mended())) == []
    return fenced


async def test_a_view_that_still_fails_keeps_what_waits_in_order(pool: Pool) -> None:
    records = log(3, 300)
    schema = await schemas.made(pool)
    held = schemas.over(pool, schema)
    await folded(held.store, records, 40)
    async with held.source() as source:
        before = await source.stuck()
    done = await retried(pool, TOY, schema, records)
    assert before
    assert {each.entries for each in done} == {0}
    assert all(each.error == each.before for each in done)
    async with held.source() as source:
        assert await source.stuck() == before


async def test_half_of_a_queue_is_released_and_the_rest_waits(pool: Pool) -> None:
    records = log(3, 300)
    schema = await schemas.made(pool)
    held = schemas.over(pool, schema)
    await folded(held.store, records, 300, broken())
    half = Toy()
    half.views = (Failing(half.views[0], "2"), Mended(), *half.views[2:])
    done = await retried(pool, half, schema, records)
    assert any(each.entries and each.left for each in done)
    assert all(each.error is not None for each in done if each.left)
    await retried(pool, mended(), schema, records)
    whole = MemoryStore(mended())
    await folded(whole, records, 300, mended())
    async with held.source() as source:
        assert differences(*await compared(whole, source, mended())) == []


async def test_what_is_skipped_waits_no_more(pool: Pool) -> None:
    records = log(3, 300)
    schema = await schemas.made(pool)
    held = schemas.over(pool, schema)
    await folded(held.store, records, 300)
    parking = Parking(pool, TOY, schema)
    queue, *others = await parking.queues("latest")
    done = await parking.skip(queue, silent)
    assert done.entries > 0
    assert done.before is not None
    assert await parking.queues("latest") == others
    assert await parking.queues("latest", queue.waiting.key.id) == []


async def test_a_release_whose_note_fails_changes_nothing(pool: Pool) -> None:
    records = log(3, 300)
    schema = await schemas.made(pool)
    held = schemas.over(pool, schema)
    await folded(held.store, records, 300)
    parking = Parking(pool, mended(), schema)

    async def torn(connection: Connection, done: Done) -> None:
        await connection.execute("select 1 / 0")

    queues = await parking.queues("latest")
    async with held.source() as source:
        before = await source.stuck()
    for queue in queues:
        with pytest.raises(Exception, match="division by zero"):
            await parking.release(queue, reader(records), torn)
    async with held.source() as source:
        assert await source.stuck() == before
