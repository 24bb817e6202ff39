"""Every log folded into PostgreSQL by any cut, and into memory, gives the same bytes."""

import pytest

from projections.communication import COMMUNICATION
from projections.disclosure import DISCLOSURE
from projections.dump import compared, differences
from projections.initiative import INITIATIVE
from projections.measurement import MEASUREMENT
from projections.memory import MemoryStore
from projections.projection import Projection
from projections.referral import REFERRAL
from projections.store import PostgresStore, Snapshot
from projections.store.pool import Pool
from tests.support import caselog, disclosurelog, initiativelog, schemas
from tests.support.events import Line
from tests.support.folding import folded


@pytest.mark.parametrize(("seed", "size", "cache"), [(1, 1, 50_000), (2, 7, 50_000), (3, 7, 0), (4, 500, 50_000)])
@pytest.mark.parametrize(
    "projection", [REFERRAL, MEASUREMENT, COMMUNICATION, DISCLOSURE, INITIATIVE], ids=lambda each: each.name
)
async def test_postgres_and_memory_hold_the_same(
    pool: Pool, projection: Projection, seed: int, size: int, cache: int
) -> None:
    records = _log(projection, seed)
    memory = MemoryStore(projection)
    await folded(memory, records, len(records), projection)
    schema = await schemas.made(pool, projection)
    await folded(PostgresStore(pool, projection, schema), records, size, projection, cache)
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read"):
        assert differences(*await compared(memory, Snapshot(connection, schema), projection)) == []


def _log(projection: Projection, seed: int) -> list[Line]:
    if projection is INITIATIVE:
        return initiativelog.log(seed, 120)
    return disclosurelog.log(seed, 120) if projection is DISCLOSURE else caselog.log(seed, 12)
