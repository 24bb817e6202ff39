"""A projection's builds: the schema that each is written to, and which one is served.

Readers know one name, `api_<projection>`: a schema of views, one for each table of the build that is served.
"""

from pathlib import Path

from projections.projection import Projection
from projections.sql import statement
from projections.store import create_schema, schema_exists
from projections.store.pool import Connection, Pool
from projections.store.schema import quoted

SQL = Path(__file__).with_name("builds.sql")


def schema_of(projection: Projection, build: str) -> str:
    """Return the name of the schema that holds this build of the projection."""
    return f"rm_{projection.name}_v{projection.version}_{build}"


def api_of(projection: str) -> str:
    """Return the name of the schema that readers of the projection use, whichever build is served."""
    return f"api_{projection}"


async def prepare(pool: Pool, projection: Projection, build: str) -> str:
    """Return the build's schema, made when it is missing, and served when none of the projection's is yet."""
    schema = schema_of(projection, build)
    async with pool.acquire() as connection, connection.transaction():
        await hold(connection, projection.name)
        await make(connection, projection, schema)
        await connection.execute(statement(SQL, "activate"), projection.name, projection.version, build, schema)
        if not await schema_exists(connection, api_of(projection.name)):
            await expose(connection, projection.name, await _active(connection, projection.name) or schema)
    return schema


async def make(connection: Connection, projection: Projection, schema: str, *, unlogged: bool = False) -> None:
    """Make a build's schema, its processor's own, and let others see of it what they may; or leave the one there is."""
    async with connection.transaction():
        await connection.execute(statement(SQL, "as_processor"))
        if await create_schema(connection, projection, schema, unlogged=unlogged):
            await connection.execute(statement(SQL, "guard"), schema)


async def served(pool: Pool, projection: str) -> str | None:
    """Return the schema that readers of the projection are given, or None when it was never run."""
    async with pool.acquire() as connection:
        if not await connection.fetchval(statement(SQL, "known")):
            return None
        return await _active(connection, projection)


async def hold(connection: Connection, projection: str) -> None:
    """Keep others from changing which build is served, until this transaction ends."""
    await connection.execute(statement(SQL, "hold"), projection)


async def expose(connection: Connection, projection: str, schema: str) -> None:
    """Make the projection's views show this build, as this transaction commits.

    The views that were there are set aside, not replaced: a reader within them goes on undisturbed, and
    nobody waits for anybody.  `tidy` drops them afterwards.
    """
    await connection.execute(statement(SQL, "as_processor"))
    api, aside = quoted(api_of(projection)), quoted(_aside(projection))
    if await schema_exists(connection, api_of(projection)):
        await connection.execute(statement(SQL, "set_aside").format(api=api, aside=aside))
    await connection.execute(statement(SQL, "make").format(api=api))
    for row in await connection.fetch(statement(SQL, "tables"), schema):
        names = {"api": api, "table": row["name"], "schema": quoted(schema)}
        await connection.execute(statement(SQL, "view").format(**names))
    await connection.execute(statement(SQL, "show").format(api=api))


async def tidy(connection: Connection, projection: str) -> None:
    """Drop the views that were set aside, once the last reader has left them."""
    await connection.execute(statement(SQL, "tidy").format(aside=quoted(_aside(projection))))


def _aside(projection: str) -> str:
    return f"{api_of(projection)}_before"


async def _active(connection: Connection, projection: str) -> str | None:
    schema: str | None = await connection.fetchval(statement(SQL, "active"), projection)
    return schema
