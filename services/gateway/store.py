"""What the gateway asks of PostgreSQL: statements by name, and outages told apart from mistakes."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import asyncpg

from projections.batch import Away
from projections.sql import statement
from projections.store.outage import outages

Row = asyncpg.Record
SNAPSHOT = Path(__file__).with_name("snapshot.sql")

#: What PostgreSQL says of tables that are not there: no build of the projection was ever run.
_MISSING = (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError)


class NotServed(Away):
    """No build of the projection is served yet."""


@contextmanager
def reading() -> Iterator[None]:
    """Raise Away in the place of an outage, and NotServed where a read model is not there."""
    try:
        with outages():
            yield
    except _MISSING:
        raise NotServed("no build is served yet") from None


class Keep:
    """Runs the statements of `.sql` files on a pool.

    Every method raises Away when PostgreSQL does not answer, and NotServed when a read model is not there yet.
    """

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool

    async def fetch(self, sql: Path, name: str, *arguments: Any) -> list[Row]:
        """Run the file's statement of this name by itself and return its rows."""
        with reading():
            rows: list[Row] = await self.pool.fetch(statement(sql, name), *arguments)
        return rows

    async def one(self, sql: Path, name: str, *arguments: Any) -> Row | None:
        """Do as `fetch` and return the first row, if there is one."""
        rows = await self.fetch(sql, name, *arguments)
        return rows[0] if rows else None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["Transaction"]:
        """Give one transaction, kept when the block ends without an error."""
        with reading():
            async with self.pool.acquire() as connection, connection.transaction():
                yield Transaction(connection)

    @asynccontextmanager
    async def snapshot(self, projection: str, initiative: str) -> AsyncIterator["Transaction"]:
        """Give a transaction whose reads all see one moment of the projection's served build.

        Tables go by their bare names in it, and show this initiative's rows alone.
        """
        with reading():
            async with (
                self.pool.acquire() as connection,
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):
                await connection.fetch(statement(SNAPSHOT, "within"), projection, initiative)
                yield Transaction(connection)


class Transaction:
    """Statements by name within one transaction."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    async def fetch(self, sql: Path, name: str, *arguments: Any) -> list[Row]:
        """Run the file's statement of this name and return its rows."""
        rows: list[Row] = await self.connection.fetch(statement(sql, name), *arguments)
        return rows

    async def run(self, query: str, *arguments: Any) -> list[Row]:
        """Run a statement of a file that was filled in, and return its rows."""
        rows: list[Row] = await self.connection.fetch(query, *arguments)
        return rows

    async def one(self, sql: Path, name: str, *arguments: Any) -> Row | None:
        """Do as `fetch` and return the first row, if there is one."""
        rows = await self.fetch(sql, name, *arguments)
        return rows[0] if rows else None
