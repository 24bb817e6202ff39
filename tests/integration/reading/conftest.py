"""One database for all tests of reading, and tables to read in it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from projections.projection import Projection
from projections.projector import Projector
from projections.record import Partition
from projections.store import PostgresStore
from projections.store.pool import Pool
from services.ops import local
from services.runtime.placement import placement
from services.runtime.store import connect, upgrade
from tests.oracle.reading import Raw
from tests.support import databases, schemas
from tests.support.events import Line
from tests.unit.oracle.test_oracle import PARTITIONS, TOPIC


@pytest.fixture(scope="session")
async def uri(servers: local.Servers) -> AsyncIterator[str]:
    async with databases.fresh(servers.postgres) as made:
        await upgrade(made)
        yield made


class Tables:
    """A projection's tables that a log is folded into bit by bit, and connections that read them."""

    def __init__(self, projection: Projection, pool: Pool, schema: str) -> None:
        self.projection, self.schema = projection, schema
        self._projector = Projector(projection, PostgresStore(pool, projection, schema), placement(PARTITIONS))
        self.reader = pool

    async def fold(self, records: Sequence[Raw], size: int = 100) -> None:
        """Fold these records, partition by partition."""
        for number in range(PARTITIONS):
            lines = [
                Line(each.offset, each.timestamp, each.key, each.value) for each in records if each.partition == number
            ]
            for at in range(0, len(lines), size):
                await self._projector.project(Partition(TOPIC, number), lines[at].offset, lines[at : at + size])


@asynccontextmanager
async def tables(uri: str, projection: Projection) -> AsyncIterator[Tables]:
    """Give empty tables of the projection; their reader's search path is theirs."""
    async with schemas.pooled(uri) as pool:
        made = Tables(projection, pool, await schemas.made(pool, projection))
        async with await connect(uri, application="test", search_path=made.schema) as reader:
            made.reader = reader
            yield made
