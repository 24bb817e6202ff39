"""A build's schema: made, looked for and dropped as a whole."""

import re
from pathlib import Path

from projections.projection import Projection
from projections.refusal import REFUSAL
from projections.sql import statement
from projections.store.pool import Connection
from projections.tables import tables_of

FOLDER = Path(__file__).parent
SQL = FOLDER / "schema.sql"
#: The tables that every schema has beside its projection's own.
OWN = {"position": FOLDER / "position.sql", "refusal": REFUSAL.sql, "parked": FOLDER / "parked.sql"}

_SCHEMA = re.compile(r"^[a-z][a-z0-9_]{2,40}$")
_CREATE_TABLE = re.compile(r"^create table ", re.MULTILINE)


def quoted(schema: str) -> str:
    """Return the schema's name fit to stand in a statement.  Raises ValueError for one that no schema has."""
    if not _SCHEMA.match(schema):
        raise ValueError(f"{schema!r} is no schema name: lower-case letters, digits and _, at most 41")
    return f'"{schema}"'


async def schema_exists(connection: Connection, schema: str) -> bool:
    """Say whether the schema is there."""
    return bool(await connection.fetchval(statement(SQL, "exists"), schema))


async def create_schema(connection: Connection, projection: Projection, schema: str, *, unlogged: bool = False) -> bool:
    """Make the schema with all its tables and return whether it was missing; two callers at once are safe.

    Unlogged tables are faster and lose everything, positions included, when the server crashes.
    """
    name = quoted(schema)
    async with connection.transaction():
        await connection.execute(statement(SQL, "lock"), schema)
        if await schema_exists(connection, schema):
            return False
        await connection.execute(statement(SQL, "create").format(schema=name))
        for script in _scripts(projection):
            await connection.execute(_CREATE_TABLE.sub("create unlogged table ", script) if unlogged else script)
    return True


async def drop_schema(connection: Connection, schema: str) -> None:
    """Drop the schema with everything in it; nothing happens when there is none."""
    await connection.execute(statement(SQL, "drop").format(schema=quoted(schema)))


async def keep_logged(connection: Connection, projection: Projection, schema: str) -> None:
    """Make unlogged tables survive a crash from now on."""
    names = [*OWN, *(table.name for table in tables_of(projection))]
    async with connection.transaction():
        for name in names:
            await connection.execute(statement(SQL, "logged").format(schema=quoted(schema), table=name))


def _scripts(projection: Projection) -> list[str]:
    own = [statement(path, "create") for path in OWN.values()]
    return own + [statement(table.sql, "create") for table in tables_of(projection)]
