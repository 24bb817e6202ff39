"""The PostgreSQL store keeps the contract of stores, and what only a database can break."""

import asyncio

import asyncpg
import pytest

from projections.batch import Away, Folded
from projections.communication import COMMUNICATION
from projections.disclosure import DISCLOSURE
from projections.dump import compared, differences
from projections.initiative import INITIATIVE
from projections.measurement import MEASUREMENT
from projections.projection import Projection
from projections.referral import REFERRAL
from projections.refusal import REFUSAL
from projections.store import PostgresStore, Snapshot, create_schema, drop_schema, keep_logged, schema_exists
from projections.store.pool import Connection, Pool
from projections.tables import tables_of
from tests.contracts.parts import CASES, WHO, Held, counted, key, moved, told
from tests.contracts.store import StoreContract
from tests.support import schemas
from tests.support.toy import TOY

KINDS = """
select table_name, column_name, udt_name from information_schema.columns
where table_schema = $1 order by table_name, ordinal_position
"""

SCANS = "select sum(seq_tup_read), sum(idx_tup_fetch) from pg_stat_user_tables where schemaname = $1"


class TestPostgresStore(StoreContract):
    @pytest.fixture
    async def held(self, pool: Pool) -> Held:
        return schemas.over(pool, await schemas.made(pool))


class Trusting(PostgresStore):
    """Takes a batch wherever it starts."""

    advance = """insert into position values ($1, $2, $4 + 0 * $3::int8, $5, $6, $7)
    on conflict (topic, partition) do update set next_offset = excluded.next_offset"""


async def test_without_the_compare_the_contract_fails(pool: Pool) -> None:
    suite = StoreContract()
    for broken in (suite.test_a_zombie_that_commits_late_changes_nothing, _fenced_at_four):
        with pytest.raises(pytest.fail.Exception):
            await broken(schemas.over(pool, await schemas.made(pool), Trusting))


async def _fenced_at_four(held: Held) -> None:
    await StoreContract().test_a_batch_that_starts_elsewhere_is_fenced(held, 4)


@pytest.mark.parametrize(
    "projection", [TOY, REFERRAL, MEASUREMENT, COMMUNICATION, DISCLOSURE, INITIATIVE], ids=lambda each: each.name
)
async def test_the_tables_are_made_as_declared(pool: Pool, projection: Projection) -> None:
    schema = await schemas.made(pool, projection)
    rows = await pool.fetch(KINDS, schema)
    for table in (*tables_of(projection), REFUSAL):
        found = {row["column_name"]: row["udt_name"] for row in rows if row["table_name"] == table.name}
        assert list(found.items()) == list(table.columns.items())


async def test_a_schema_is_made_once_and_dropped_whole(pool: Pool) -> None:
    async def make() -> bool:
        async with pool.acquire() as connection:
            return await create_schema(connection, TOY, "rm_once")

    assert sorted(await asyncio.gather(make(), make(), make())) == [False, False, True]
    async with pool.acquire() as connection:
        assert await schema_exists(connection, "rm_once")
        await drop_schema(connection, "rm_once")
        await drop_schema(connection, "rm_once")
        assert not await schema_exists(connection, "rm_once")


async def test_a_name_that_is_no_schema_is_not_let_into_a_statement(pool: Pool) -> None:
    with pytest.raises(ValueError, match="no schema name"):
        PostgresStore(pool, TOY, 'rm"; drop schema keep; --')


async def test_an_unlogged_schema_is_made_to_last(pool: Pool) -> None:
    persistence = """select array_agg(distinct c.relpersistence::text) from pg_class c
    join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'rm_fast' and c.relkind in ('r', 'i')"""
    async with pool.acquire() as connection:
        await create_schema(connection, TOY, "rm_fast", unlogged=True)
        assert await connection.fetchval(persistence) == ["u"]
        await PostgresStore(pool, TOY, "rm_fast").commit(moved(0, 1, rows={"client": [counted("a", 1)]}))
        await keep_logged(connection, TOY, "rm_fast")
        assert await connection.fetchval(persistence) == ["p"]
    assert (await PostgresStore(pool, TOY, "rm_fast").positions([CASES]))[CASES].next_offset == 1


async def test_a_schema_that_is_gone_is_a_fault_and_no_outage(pool: Pool) -> None:
    with pytest.raises(asyncpg.UndefinedTableError):
        await PostgresStore(pool, TOY, "rm_never_made").positions([CASES])


class Severed(PostgresStore):
    """Loses its connection in the middle of a commit."""

    async def _write(self, connection: Connection, folded: Folded) -> None:
        await super()._write(connection, folded)
        await connection.execute("select pg_terminate_backend(pg_backend_pid())")


async def test_a_connection_lost_in_a_commit_is_an_outage_and_leaves_nothing(pool: Pool) -> None:
    held = schemas.over(pool, await schemas.made(pool), Severed)
    with pytest.raises(Away):
        await held.store.commit(moved(0, 1, rows={"client": [counted("a", 1)]}))
    assert await held.rows("client") == []
    assert (await held.store.positions([CASES]))[CASES].next_offset == 0


async def test_bad_arguments_are_a_fault_and_no_outage(pool: Pool) -> None:
    held = schemas.over(pool, await schemas.made(pool))
    with pytest.raises(asyncpg.DataError):
        await held.store.seen([WHO._replace(id="not a uuid")])


async def test_a_batch_reads_by_key_and_never_scans_history(uri: str) -> None:
    async with schemas.pooled(uri, size=1) as pool:
        schema = await schemas.made(pool)
        held = schemas.over(pool, schema)
        await held.store.commit(moved(0, 5, rows={"timeline": [told()], "client": [counted("a", 1)]}))
        for start in range(5, 25):
            await held.store.seen([WHO])
            await held.store.load([key("a")])
            await held.store.commit(moved(start, start + 1, rows={"client": [counted("a", start)]}, copies={WHO: 1}))
        await pool.execute("select pg_stat_force_next_flush()")
        scanned, sought = await pool.fetchrow(SCANS, schema) or (1, 0)
    assert scanned == 0
    assert sought >= 60


async def test_two_schemas_are_compared_as_of_one_moment(pool: Pool) -> None:
    one, other = await schemas.made(pool), await schemas.made(pool)
    live, rebuilt = schemas.over(pool, one), schemas.over(pool, other)
    for held in (live, rebuilt):
        await held.store.commit(moved(0, 5, rows={"client": [counted("a", 1)], "timeline": [told()]}))
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read"):
        sources = Snapshot(connection, one), Snapshot(connection, other)
        assert differences(*await compared(*sources, TOY)) == []
        await live.store.commit(moved(5, 6, rows={"client": [counted("a", 2)]}))
        assert differences(*await compared(*sources, TOY)) == []
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read"):
        sources = Snapshot(connection, one), Snapshot(connection, other)
        assert differences(*await compared(*sources, TOY)) == ["table client", "partition manyhands.cases-3"]
