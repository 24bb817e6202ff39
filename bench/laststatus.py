"""The yardstick's job done exactly once: what the house's own runtime is measured with.

It stands where the referral projector stands in a processor, and is as bare as the yardstick: no
validation and no rules, but the position is compared and moved in the transaction that holds the rows.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import asyncpg

from bench.yardstick import SQL as SHARED
from bench.yardstick import fold
from projections.batch import Fenced
from projections.projector import Outcome
from projections.record import Partition, Position, Record, fingerprint
from projections.sql import statement

Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy
Rows = dict[str, tuple[str, int]]
SQL = Path(__file__).with_name("laststatus.sql")


class LastStatus:
    """Last status and count per subject, rows and position in one transaction."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._positions: dict[Partition, Position] = {}

    async def prepare(self) -> None:
        """Make the tables."""
        await self._pool.execute(statement(SHARED, "create"))
        await self._pool.execute(statement(SQL, "create"))

    async def open(self, partition: Partition) -> Position:
        """Return where the partition stands."""
        await self._pool.execute(statement(SQL, "register"), partition.number)
        (row,) = await self._pool.fetch(statement(SQL, "stands"), partition.number)
        self._positions[partition] = Position(row["next_offset"], row["clock"], row["last_hash"])
        return self._positions[partition]

    def close(self, partition: Partition) -> None:
        """Let go of the partition."""
        self._positions.pop(partition, None)

    async def project(self, partition: Partition, start: int, records: Sequence[Record]) -> Outcome:
        """Fold and commit a batch; raises Fenced when the stored position is not `start`."""
        before = self._positions[partition]
        last = records[-1]
        rows = self.fold(records)
        after = replace(
            before,
            next_offset=last.offset + 1,
            clock=max(before.clock, *(record.timestamp for record in records)),
            last_hash=self.fingerprint(last),
        )
        await self.commit(partition, start, after, rows)
        self._positions[partition] = after
        return Outcome(after, len(records), 0, 0, 0)

    def fold(self, records: Sequence[Record]) -> Rows:
        """Return the rows that the batch amounts to."""
        return fold(record.value for record in records if record.value is not None)

    def fingerprint(self, last: Record) -> bytes:
        """Return what is remembered of the batch's last record."""
        return fingerprint(last)

    async def commit(self, partition: Partition, start: int, after: Position, rows: Rows) -> None:
        """Move the position and write the rows in one transaction; raises Fenced."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("set local synchronous_commit = off")
            await self.advance(connection, (partition.number, start), after)
            await self.write(connection, rows)

    async def advance(self, connection: Connection, before: tuple[int, int], after: Position) -> None:
        """Compare the stored position with the partition's number and start, and move it; raises Fenced."""
        moved = await connection.execute(
            statement(SQL, "advance"), *before, after.next_offset, after.clock, after.last_hash
        )
        if moved != "UPDATE 1":
            raise Fenced

    async def write(self, connection: Connection, rows: Rows) -> None:
        """Add the rows."""
        statuses, counts = zip(*rows.values(), strict=True)
        await connection.execute(statement(SHARED, "write"), list(rows), statuses, counts)
