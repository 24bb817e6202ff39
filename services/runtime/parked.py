"""Whether anything about a person is parked: until it is released, what is shown of them may be out of date."""

from pathlib import Path

from projections.sql import statement
from projections.store.pool import Connection

SQL = Path(__file__).with_name("parked.sql")


async def is_parked(connection: Connection, initiative: str, record: str) -> bool:
    """Say whether a view waits on anything under this record key; sealed text about the person stays closed then.

    `connection` reads a projection's views, in a `moment` of the initiative.
    """
    return bool(await connection.fetchval(statement(SQL, "any"), initiative, record))
