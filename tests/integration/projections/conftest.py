"""One database for all tests of stores; each makes a schema of its own in it."""

from collections.abc import AsyncIterator

import pytest

from projections.store.pool import Pool
from services.ops import local
from tests.support import databases, schemas


@pytest.fixture(scope="session")
async def uri(servers: local.Servers) -> AsyncIterator[str]:
    async with databases.fresh(servers.postgres) as made:
        yield made


@pytest.fixture(scope="session")
async def pool(uri: str) -> AsyncIterator[Pool]:
    async with schemas.pooled(uri) as opened:
        yield opened
