"""Entries of feeds that come to be shown when readers are past them: each is given the place behind what was folded.

A reader's cursor names places on the log.  The read model keeps each entry's own place, as any build makes it; the
one that counts stands in `keep`.
"""

from collections.abc import Sequence
from pathlib import Path

from projections.communication.feed import FEED
from projections.projection import Row
from projections.sql import statement
from projections.store.pool import Connection
from projections.store.schema import quoted

SQL = Path(__file__).with_name("released.sql")


async def released(connection: Connection, build: tuple[str, str], view: str, rows: Sequence[Row]) -> None:
    """Place the rows that this transaction released into the view of a build: projection and schema.

    Nothing is to be done for any view but a feed, nor in a build that is not served: nobody has read of it yet.
    """
    if view != FEED.name or not rows:
        return
    if await connection.fetchval(statement(SQL, "served"), *build):
        await _listed(connection, build[1], [row[: len(FEED.key)] for row in rows])


async def brought(connection: Connection, before: str, after: str) -> None:
    """Place what a build that this transaction takes into service shows and the one before it had parked.

    Whoever retries in either of them waits for this transaction, or has committed: `keep.active` was written.
    """
    query = statement(SQL, "brought").format(before=quoted(before), after=quoted(after))
    rows = await connection.fetch(query)
    if rows:
        await _listed(connection, after, [tuple(row) for row in rows])


async def _listed(connection: Connection, schema: str, places: Sequence[Row]) -> None:
    await connection.execute(statement(SQL, "lock"))
    await connection.execute(
        statement(SQL, "list").format(schema=quoted(schema)), *map(list, zip(*places, strict=True))
    )
