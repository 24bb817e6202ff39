"""Another build taken into service under readers, and refused when it is not fit."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

import pytest

from projections.batch import Folded
from projections.projection import Row
from projections.record import Position
from projections.store import PostgresStore
from projections.store.pool import Pool
from services.ops.errors import BuildBehind, BuildForeign, BuildUnknown, BuildUnlogged, NothingFolded, RulesOutdated
from services.ops.stock import named
from services.ops.switching import look, switch
from services.runtime.builds import make, prepare, served
from services.runtime.moment import moment
from services.runtime.roles import Role
from services.runtime.store import connect
from tests.contracts.parts import CASES, counted
from tests.support.toy import TOY
from tests.support.wait import until

BUILDS = {name: named(TOY, name) for name in "abc"}
#: How often each reader must have asked while builds were switched back and forth.
ASKED = 50


def moved(start: int, stop: int, **rows: list[Row]) -> Folded:
    """Return a batch of this program's rules over [start, stop)."""
    return Folded(CASES, start, Position(stop, stop, b"h" * 32, TOY.rulebook.highest), rows=rows)


async def folded(pool: Pool, build: str, stop: int) -> None:
    """Fold rows that tell which build they stand in."""
    rows = {name: [counted("x", stop, build)] for name in ("client", "referral")}
    await PostgresStore(pool, TOY, await prepare(pool, TOY, build)).commit(moved(0, stop, **rows))


@pytest.fixture
async def builds(pool: Pool) -> Pool:
    """A database with two builds folded equally far, `a` served."""
    await folded(pool, "a", 5)
    await folded(pool, "b", 5)
    return pool


async def test_a_switch_moves_what_is_served_and_back(builds: Pool) -> None:
    for build in "bab":
        found = await switch(builds, TOY, BUILDS[build], 1)
        assert (found.changed, found.after) == (True, BUILDS[build])
        assert await served(builds, TOY.name) == BUILDS[build].schema
        assert await builds.fetchval("select note from api_toy.client") == build
    assert not (await switch(builds, TOY, BUILDS["b"], 1)).changed


async def test_a_look_changes_nothing_and_says_what_is_lacking(builds: Pool) -> None:
    await PostgresStore(builds, TOY, BUILDS["a"].schema).commit(moved(5, 9))
    found = await look(builds, TOY, BUILDS["b"])
    assert (found.before, found.after, found.behind) == (BUILDS["a"], BUILDS["b"], 4)
    assert await served(builds, TOY.name) == BUILDS["a"].schema


async def test_a_build_that_lags_is_refused_by_partition(builds: Pool) -> None:
    await PostgresStore(builds, TOY, BUILDS["a"].schema).commit(moved(5, 9))
    with pytest.raises(BuildBehind, match=r"4 in manyhands\.cases-3"):
        await switch(builds, TOY, BUILDS["b"], 0.1)
    assert await builds.fetchval("select note from api_toy.client") == "a"


async def test_a_build_that_catches_up_in_time_is_taken(builds: Pool) -> None:
    await PostgresStore(builds, TOY, BUILDS["a"].schema).commit(moved(5, 9))
    switching = asyncio.create_task(switch(builds, TOY, BUILDS["b"], 20))
    await PostgresStore(builds, TOY, BUILDS["b"].schema).commit(moved(5, 9))
    assert (await switching).changed


async def test_the_served_build_goes_no_further_while_another_catches_up(builds: Pool) -> None:
    store = PostgresStore(builds, TOY, BUILDS["a"].schema)
    await store.commit(moved(5, 9))
    switching = asyncio.create_task(switch(builds, TOY, BUILDS["b"], 20))
    locked = "select count(*) from pg_locks where relation = 'rm_toy_v1_a.position'::regclass and mode = 'ShareLock'"
    await until(partial(builds.fetchval, locked))
    late = asyncio.create_task(store.commit(moved(9, 12)))
    await PostgresStore(builds, TOY, BUILDS["b"].schema).commit(moved(5, 9))
    await switching
    await late
    assert (await store.positions([CASES]))[CASES].next_offset == 12


async def test_a_build_that_no_crash_survives_is_refused(builds: Pool) -> None:
    async with builds.acquire() as connection:
        await make(connection, TOY, BUILDS["c"].schema, unlogged=True)
    with pytest.raises(BuildUnlogged):
        await switch(builds, TOY, BUILDS["c"], 0)


async def test_a_build_of_another_log_is_refused(builds: Pool) -> None:
    await builds.execute("update rm_toy_v1_b.position set last_hash = 'other'")
    with pytest.raises(BuildForeign, match=r"manyhands\.cases-3 at 4"):
        await switch(builds, TOY, BUILDS["b"], 0)


async def test_a_build_that_new_rules_come_too_late_for_is_refused(builds: Pool) -> None:
    late = Position(5, 4_000_000_000_000, b"h" * 32, 1)
    await builds.execute("update rm_toy_v1_b.position set clock = $1, rule = 1", late.clock)
    with pytest.raises(RulesOutdated):
        await switch(builds, TOY, BUILDS["b"], 0)


async def test_what_is_not_there_is_refused(pool: Pool) -> None:
    with pytest.raises(NothingFolded):
        await switch(pool, TOY, BUILDS["a"], 0)
    await folded(pool, "a", 1)
    with pytest.raises(BuildUnknown, match="rm_toy_v1_c"):
        await switch(pool, TOY, BUILDS["c"], 0)
    with pytest.raises(BuildUnknown, match="rm_toy_v7_c"):
        await switch(pool, TOY, named(TOY, "v7_c"), 0)


async def test_switches_at_once_take_turns(builds: Pool) -> None:
    await asyncio.gather(*(switch(builds, TOY, BUILDS[build], 5) for build in "abab"))
    assert await builds.fetchval("select note from api_toy.client") == (await served(builds, TOY.name) or "")[-1]


@asynccontextmanager
async def reading(uri: str, ask: Callable[[Pool], Awaitable[set[str]]]) -> AsyncIterator[list[set[str]]]:
    """Have four readers ask again and again while the block runs; give what every answer was made of."""
    answers: list[set[str]] = []
    over = asyncio.Event()

    async def reader(pool: Pool) -> None:
        while not over.is_set() or len(answers) < ASKED:
            answers.append(await ask(pool))

    async with await connect(uri, application="reader", role=Role.GATEWAY, search_path="api_toy") as pool:
        readers = [asyncio.create_task(reader(pool)) for _ in range(4)]
        try:
            yield answers
        finally:
            over.set()
            await asyncio.gather(*readers)


async def in_one_statement(pool: Pool) -> set[str]:
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("select set_config('manyhands.initiative', 'riverbend', true)")
        rows = await connection.fetch("select c.note as one, r.note as other from client c, referral r")
    return {row[name] for row in rows for name in ("one", "other")}


async def in_one_moment(pool: Pool) -> set[str]:
    async with moment(pool, "riverbend") as connection:
        notes = [await connection.fetchval(f"select note from {name}") for name in ("client", "referral")]  # noqa: S608
        return {*notes, await connection.fetchval("select note from client")}


@pytest.mark.parametrize("ask", [in_one_statement, in_one_moment])
async def test_readers_see_one_build_at_a_time_and_no_error(
    builds: Pool, database: str, ask: Callable[[Pool], Awaitable[set[str]]]
) -> None:
    async with reading(database, ask) as answers:
        for build in "ba" * 10:
            await switch(builds, TOY, BUILDS[build], 5)
    assert len(answers) >= ASKED
    assert {frozenset(answer) for answer in answers} == {frozenset("a"), frozenset("b")}
    left = await builds.fetch("select nspname from pg_namespace where nspname ~ '^api_toy_before'")
    await switch(builds, TOY, BUILDS["b"], 5)
    assert len(left) <= 20
    assert await builds.fetch("select nspname from pg_namespace where nspname ~ '^api_toy_before'") == []


async def test_statements_outside_a_moment_may_see_two_builds(builds: Pool) -> None:
    async with builds.acquire() as reader, reader.transaction(isolation="repeatable_read"):
        await reader.execute("set local search_path = api_toy")
        notes = [await reader.fetchval("select note from client")]
        await switch(builds, TOY, BUILDS["b"], 5)
        notes.append(await reader.fetchval("select note from referral"))
    assert notes == ["a", "b"]


async def test_a_moment_keeps_to_the_build_that_it_began_with(builds: Pool, database: str) -> None:
    async with (
        await connect(database, application="reader", role=Role.GATEWAY, search_path="api_toy") as pool,
        moment(pool, "riverbend") as reader,
    ):
        notes = [await reader.fetchval("select note from client")]
        await switch(builds, TOY, BUILDS["b"], 5)
        notes.append(await reader.fetchval("select note from referral"))
    assert notes == ["a", "a"]
