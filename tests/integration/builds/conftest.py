"""A database with `keep`, for tests of what is served out of it."""

from collections.abc import AsyncIterator

import pytest

from projections.store.pool import Pool
from services.runtime.store import connect, migrate


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Pool]:
    async with await connect(database, application="test") as opened:
        await migrate(opened)
        yield opened
