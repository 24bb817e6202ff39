"""A feed read by pages: nothing skipped, nothing repeated, whatever comes meanwhile and whoever built it."""

from collections.abc import AsyncIterator

import pytest

from projections.communication import COMMUNICATION
from projections.store.pool import Pool
from services.notifications.feed import Cursor, Entry, Whose, after, counts, newest
from tests.integration.reading.conftest import Tables, tables
from tests.oracle.telling import Telling
from tests.unit.oracle.test_oracle import PARTITIONS, TOPIC, log

LOG = log(1, 1200)
SCHOOL = Whose("riverbend", "school")


@pytest.fixture
async def held(uri: str) -> AsyncIterator[Tables]:
    async with tables(uri, COMMUNICATION) as made:
        yield made


def told(records: int = len(LOG), partner: str = "school") -> int:
    """Return how many entries the partner's feed must have."""
    expected = Telling(TOPIC, PARTITIONS)
    expected.fold(LOG[:records])
    return sum(len(entries) for place, entries in expected.feed.items() if place[1] == partner)


async def everything(pool: Pool, cursor: Cursor, limit: int, whose: Whose = SCHOOL) -> tuple[list[Entry], Cursor]:
    found: list[Entry] = []
    while True:
        page = await after(pool, whose, cursor, limit)
        assert len(page.entries) <= limit
        found += page.entries
        # What a reader keeps is the text, and nothing else.
        cursor = Cursor.read(str(page.cursor))
        if not page.more:
            return found, cursor
        assert len(page.entries) == limit


@pytest.mark.parametrize("limit", [1, 7, 1000])
async def test_pages_of_any_size_give_the_whole_feed_in_one_order(held: Tables, limit: int) -> None:
    await held.fold(LOG)
    whole, _ = await everything(held.reader, Cursor(), 10_000)
    found, cursor = await everything(held.reader, Cursor(), limit)
    assert found == whole
    assert len(found) == told() > 50
    assert len({(entry.partition, entry.place) for entry in found}) == len(found)
    assert [entry.recorded for entry in found] == sorted(entry.recorded for entry in found)
    assert (await after(held.reader, SCHOOL, cursor, limit)).entries == ()


@pytest.mark.parametrize("cut", [3, 400, 1100])
async def test_a_reader_that_comes_back_gets_the_rest_once(held: Tables, cut: int) -> None:
    await held.fold(LOG[:cut])
    before, cursor = await everything(held.reader, Cursor(), 5)
    assert len(before) == told(cut)
    await held.fold(LOG[cut:])
    rest, _ = await everything(held.reader, cursor, 5)
    places = [(entry.partition, entry.place) for entry in (*before, *rest)]
    assert len(places) == len(set(places)) == told()


async def test_a_partition_that_lags_behind_is_neither_skipped_nor_repeated(held: Tables) -> None:
    """Its entries are older than those that were read already: an order by time alone would never show them."""
    late = [each for each in LOG if each.partition == 0]
    await held.fold([each for each in LOG if each.partition != 0])
    before, cursor = await everything(held.reader, Cursor(), 11)
    await held.fold(late)
    rest, _ = await everything(held.reader, cursor, 11)
    assert min(entry.recorded for entry in rest) < max(entry.recorded for entry in before)
    assert {entry.partition for entry in rest} == {0}
    assert len(before) + len(rest) == told()


async def test_a_time_or_one_offset_would_not_do_as_a_cursor(held: Tables) -> None:
    """What these tests look for is there to be found: simpler cursors lose entries of a partition that lags."""
    late = [each for each in LOG if each.partition == 0]
    await held.fold([each for each in LOG if each.partition != 0])
    before, _ = await everything(held.reader, Cursor(), 11)
    await held.fold(late)
    rest = [each for each in (await everything(held.reader, Cursor(), 1000))[0] if each not in before]
    by_time = [each for each in rest if each.recorded > max(every.recorded for every in before)]
    by_offset = [each for each in rest if each.place > max(every.place for every in before)]
    assert len(by_time) < len(rest)
    assert len(by_offset) < len(rest)


async def test_a_cursor_holds_in_tables_that_were_built_anew(held: Tables, uri: str) -> None:
    await held.fold(LOG)
    half = await after(held.reader, SCHOOL, Cursor(), 30)
    rest, _ = await everything(held.reader, half.cursor, 7)
    async with tables(uri, COMMUNICATION) as rebuilt:
        await rebuilt.fold(LOG, 3)
        assert await everything(rebuilt.reader, half.cursor, 1000) == await everything(held.reader, half.cursor, 1000)
        assert (await everything(rebuilt.reader, half.cursor, 7))[0] == rest


async def test_the_newest_come_first_and_what_follows_is_new(held: Tables) -> None:
    await held.fold(LOG[:800])
    whole, end = await everything(held.reader, Cursor(), 1000)
    page = await newest(held.reader, SCHOOL, 10)
    assert list(page.entries) == whole[: -len(page.entries) - 1 : -1]
    assert (len(page.entries), page.more, page.cursor) == (10, True, end)
    await held.fold(LOG[800:])
    later, _ = await everything(held.reader, page.cursor, 1000)
    assert len(later) == told() - told(800) > 0


async def test_entries_are_counted_by_kind_after_a_cursor(held: Tables) -> None:
    await held.fold(LOG)
    half = await after(held.reader, SCHOOL, Cursor(), 30)
    rest, _ = await everything(held.reader, half.cursor, 1000)
    found = await counts(held.reader, SCHOOL, half.cursor)
    assert found == {kind: sum(entry.kind == kind for entry in rest) for kind in {entry.kind for entry in rest}}
    assert sum((await counts(held.reader, SCHOOL, Cursor())).values()) == told()


@pytest.mark.parametrize("whose", [Whose("riverbend", "nobody"), Whose("elsewhere", "school")])
async def test_nobody_else_s_feed_is_read(held: Tables, whose: Whose) -> None:
    await held.fold(LOG)
    assert (await after(held.reader, whose, Cursor(), 5)).entries == ()
    assert (await newest(held.reader, whose, 5)).cursor == Cursor()
    assert await counts(held.reader, whose, Cursor()) == {}


async def test_a_cursor_of_partitions_that_are_not_there_changes_nothing(held: Tables) -> None:
    await held.fold(LOG)
    page = await after(held.reader, SCHOOL, Cursor.read("999-5-0"), 1000)
    assert len(page.entries) == told()


async def test_pages_are_found_by_key_alone(held: Tables) -> None:
    """However long a feed grows, a page reads as many rows as it gives for each partition, and one more."""
    await held.fold(LOG)
    await held.reader.execute("analyze feed")
    half = await after(held.reader, SCHOOL, Cursor(), 30)
    before = await _read(held)
    await after(held.reader, SCHOOL, half.cursor, 4)
    assert await _read(held) - before <= 5 * PARTITIONS


async def _read(held: Tables) -> int:
    """Return how many rows of the feed were read so far."""
    async with held.reader.acquire() as connection:
        await connection.execute("select pg_stat_force_next_flush()")
        query = """select seq_tup_read + idx_tup_fetch from pg_stat_user_tables
        where schemaname = $1 and relname = 'feed'"""
        found: int = await connection.fetchval(query, held.schema)
        return found
