"""The same log folded into PostgreSQL by any cut, and into memory, gives the same bytes."""

import pytest

from projections.dump import compared, differences
from projections.memory import MemoryStore
from projections.store.pool import Pool
from tests.support import schemas
from tests.support.folding import folded
from tests.support.toy import TOY
from tests.support.toylog import log


@pytest.mark.parametrize(("seed", "size"), [(1, 1), (1, 7), (2, 7), (2, 300), (3, 40)])
async def test_postgres_and_memory_hold_the_same(pool: Pool, seed: int, size: int) -> None:
    records = log(seed, 300)
    memory = MemoryStore(TOY)
    await folded(memory, records, 300)
    held = schemas.over(pool, await schemas.made(pool))
    await folded(held.store, records, size)
    async with held.source() as source:
        assert differences(*await compared(memory, source, TOY)) == []
        assert await source.stuck() == await memory.stuck()
    assert memory.parked
