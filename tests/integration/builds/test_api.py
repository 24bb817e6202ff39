"""What readers use: one schema of views a projection, over the build that is served."""

import asyncio

from projections.store.pool import Pool
from services.runtime.builds import api_of, expose, prepare, served, tidy
from tests.support.toy import TOY

API = api_of(TOY.name)


async def relations(pool: Pool, schema: str, kind: str) -> list[str]:
    """Name the schema's tables (r) or views (v)."""
    query = 'select relname from pg_class where relnamespace = to_regnamespace($1) and relkind = $2::"char" order by 1'
    return [row["relname"] for row in await pool.fetch(query, schema, kind.encode())]


async def test_the_first_build_is_served_with_a_view_for_each_table(pool: Pool) -> None:
    schema = await prepare(pool, TOY, "a")
    assert await served(pool, TOY.name) == schema == "rm_toy_v1_a"
    tables = await relations(pool, schema, "r")
    assert await relations(pool, API, "v") == tables
    assert {"client", "referral", "timeline", "position", "parked", "refusal"} <= set(tables)


async def test_a_later_build_changes_nothing_for_readers(pool: Pool) -> None:
    first = await prepare(pool, TOY, "a")
    await prepare(pool, TOY, "b")
    assert await served(pool, TOY.name) == first
    await pool.execute("insert into rm_toy_v1_a.position values ('t', 0, 7, 0, null, 1)")
    assert await pool.fetchval("select next_offset from api_toy.position") == 7


async def test_processes_that_start_at_once_make_one_of_each(pool: Pool) -> None:
    await asyncio.gather(*(prepare(pool, TOY, build) for build in "abab"))
    found = await served(pool, TOY.name)
    assert found in {"rm_toy_v1_a", "rm_toy_v1_b"}
    definition = await pool.fetchval("select pg_get_viewdef('api_toy.client'::regclass)")
    assert found in definition


async def test_views_that_were_set_aside_are_left_to_their_readers(pool: Pool) -> None:
    schemas = [await prepare(pool, TOY, build) for build in "ab"]
    async with pool.acquire() as reader, reader.transaction():
        assert await reader.fetchval("select count(*) from api_toy.client") == 0
        async with pool.acquire() as connection, connection.transaction():
            await expose(connection, TOY.name, schemas[1])
        assert "rm_toy_v1_b" in await pool.fetchval("select pg_get_viewdef('api_toy.client'::regclass)")
        await tidy(pool, TOY.name)
        assert len(await asides(pool)) == 1
        assert await reader.fetchval("select count(*) from api_toy.client") == 0
    await tidy(pool, TOY.name)
    assert await asides(pool) == []


async def asides(pool: Pool) -> list[str]:
    return [row[0] for row in await pool.fetch("select nspname from pg_namespace where nspname ~ '^api_toy_'")]
