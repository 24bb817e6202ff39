"""Schemas for tests of read models: each with a store, in a database that is thrown away."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

import asyncpg

from projections.projection import Projection
from projections.store import PostgresStore, Snapshot, create_schema
from projections.store.pool import Pool
from projections.store.times import quick_times
from tests.contracts.parts import Held
from tests.support.toy import TOY

_numbers = count()


async def made(pool: Pool, projection: Projection = TOY) -> str:
    """Make a schema that no other test has, and return its name."""
    schema = f"rm_test_{next(_numbers)}"
    async with pool.acquire() as connection:
        await create_schema(connection, projection, schema)
    return schema


def over(pool: Pool, schema: str, kind: type[PostgresStore] = PostgresStore) -> Held:
    """Return the schema's store, a second one, and a look into one moment of it."""

    @asynccontextmanager
    async def source() -> AsyncIterator[Snapshot]:
        async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read"):
            yield Snapshot(connection, schema)

    return Held(kind(pool, TOY, schema), kind(pool, TOY, schema), source)


@asynccontextmanager
async def pooled(uri: str, size: int = 4) -> AsyncIterator[Pool]:
    """Yield a pool on the database and close it afterwards."""
    settings = {"timezone": "UTC"}
    async with asyncpg.create_pool(uri, min_size=1, max_size=size, init=quick_times, server_settings=settings) as pool:
        yield pool
