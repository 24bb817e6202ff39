"""A projection's builds: the schema that each is written to, and which one is served."""

from pathlib import Path

from projections.projection import Projection
from projections.sql import statement
from projections.store import create_schema
from projections.store.pool import Pool

SQL = Path(__file__).with_name("builds.sql")


def schema_of(projection: Projection, build: str) -> str:
    """Return the name of the schema that holds this build of the projection."""
    return f"rm_{projection.name}_v{projection.version}_{build}"


async def prepare(pool: Pool, projection: Projection, build: str) -> str:
    """Return the build's schema, made when it is missing, and served when none of the projection's is yet."""
    schema = schema_of(projection, build)
    async with pool.acquire() as connection:
        await create_schema(connection, projection, schema)
        await connection.execute(statement(SQL, "activate"), projection.name, projection.version, build, schema)
    return schema


async def served(pool: Pool, projection: str) -> str | None:
    """Return the schema that readers of the projection use, or None when it was never run."""
    if not await pool.fetchval(statement(SQL, "known")):
        return None
    schema: str | None = await pool.fetchval(statement(SQL, "active"), projection)
    return schema
