"""The case and initiative logs folded into PostgreSQL by any cut, and into memory, give the same bytes."""

import pytest

from projections.dump import compared, differences
from projections.memory import MemoryStore
from projections.referral import REFERRAL
from projections.store import PostgresStore, Snapshot
from projections.store.pool import Pool
from tests.support import schemas
from tests.support.caselog import log
from tests.support.folding import folded


@pytest.mark.parametrize(("seed", "size", "cache"), [(1, 1, 50_000), (2, 7, 50_000), (3, 7, 0), (4, 500, 50_000)])
async def test_postgres_and_memory_hold_the_same_cases(pool: Pool, seed: int, size: int, cache: int) -> None:
    records = log(seed, 12)
    memory = MemoryStore(REFERRAL)
    await folded(memory, records, len(records), REFERRAL)
    schema = await schemas.made(pool, REFERRAL)
    await folded(PostgresStore(pool, REFERRAL, schema), records, size, REFERRAL, cache)
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read"):
        assert differences(*await compared(memory, Snapshot(connection, schema), REFERRAL)) == []
