"""One moment of a read model, as far as one initiative's rows go."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from projections.sql import statement
from projections.store.pool import Connection, Pool

SQL = Path(__file__).with_name("moment.sql")


@asynccontextmanager
async def moment(pool: Pool, initiative: str) -> AsyncIterator[Connection]:
    """Give a connection whose reads all see the same moment, and no other initiative's rows where rows are guarded."""
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute(statement(SQL, "within"), initiative)
        yield connection
