"""Rows into a table: COPY into appended ones, COPY and one statement into those that are upserted."""

from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

import asyncpg

from projections.projection import Row, Table
from projections.sql import statement
from projections.store.pool import Connection

ROWS = Path(__file__).with_name("rows.sql")
#: What a row itself can be refused for, by the server or already by the driver's encoders.
REFUSED = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    OverflowError,
    ValueError,
    TypeError,
)


class Unstorable(Exception):
    """PostgreSQL refused a row of this table; which one is not known yet.  `taken`: another has its key."""

    def __init__(self, table: str, *, taken: bool) -> None:
        super().__init__(table)
        self.table = table
        self.taken = taken


class Writer:
    """The statements that write one table's rows, composed from its declaration."""

    def __init__(self, table: Table, schema: str) -> None:
        self.table = table
        self._columns = list(table.columns)
        self._staged = f"staged_{table.name}_{crc32(schema.encode()):08x}"
        names = {
            "table": table.name,
            "staged": f'"{self._staged}"',
            "columns": ", ".join(self._columns),
            "key": ", ".join(table.key),
            "assignments": ", ".join(_assigned(table, name) for name in self._columns if name not in table.key),
        }
        #: Makes the temporary table that upserted rows go through, where the session has none yet.
        self.stage = "" if table.append else statement(ROWS, "stage").format(**names)
        self._upsert = statement(ROWS, "upsert").format(**names)

    async def write(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Write the rows, in a transaction that began with `stage`; raises Unstorable when one is refused."""
        try:
            if self.table.append:
                await connection.copy_records_to_table(self.table.name, records=rows, columns=self._columns)
                return
            await connection.copy_records_to_table(self._staged, records=rows, columns=self._columns)
            await connection.execute(self._upsert)
        except REFUSED as error:
            if isinstance(error, asyncpg.InterfaceError):
                raise
            raise Unstorable(self.table.name, taken=isinstance(error, asyncpg.UniqueViolationError)) from error

    async def refused(self, connection: Connection, rows: Sequence[Row], first: int = 0) -> dict[int, str]:
        """Return the indices of the rows that PostgreSQL refuses, with its codes, by halving behind savepoints."""
        await connection.execute(statement(ROWS, "savepoint"))
        try:
            await self.write(connection, rows)
        except Unstorable as failure:
            await connection.execute(statement(ROWS, "back"))
            if len(rows) == 1:
                return {first: _code(failure.__cause__)}
        else:
            return {}
        half = len(rows) // 2
        below = await self.refused(connection, rows[:half], first)
        return below | await self.refused(connection, rows[half:], first + half)


def _assigned(table: Table, column: str) -> str:
    before = f"{table.name}.{column} + " if column in table.adds else ""
    return f"{column} = {before}excluded.{column}"


def _code(error: BaseException | None) -> str:
    """Return the SQLSTATE; the driver's own errors are given the one the server would have answered with."""
    if isinstance(error, asyncpg.PostgresError):
        return error.sqlstate or "22000"
    if isinstance(error, UnicodeError):
        return "22021"
    return "22003" if isinstance(error, OverflowError) else "22000"
