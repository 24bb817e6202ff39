"""A projection's builds: the schema that each is written to, and which one is served.

Readers know one name, `api_<projection>`: a schema of views, one for each table of the build that is served.
"""

import re
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from projections.batch import Away
from projections.projection import Projection
from projections.sql import statement
from projections.store import create_schema, schema_exists
from projections.store.outage import outages
from projections.store.pool import Connection, Pool
from projections.store.schema import quoted

SQL = Path(__file__).with_name("builds.sql")
_SCHEMA = re.compile(r"rm_([a-z]+)_v([1-9][0-9]*)_(.+)")


class Build(NamedTuple):
    """One build of a projection, which has one schema of its own."""

    version: int
    name: str
    schema: str


def schema_of(projection: Projection, build: str) -> str:
    """Return the name of the schema that holds this build of the projection."""
    return f"rm_{projection.name}_v{projection.version}_{build}"


def of_schema(schema: str) -> tuple[str, Build] | None:
    """Return which projection's build a schema holds, or None for a schema that holds none."""
    found = _SCHEMA.fullmatch(schema)
    return found and (found[1], Build(int(found[2]), found[3], schema))


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
            now = await active(connection, projection.name)
            await expose(connection, projection.name, now.schema if now else schema)
    await tidy(pool, projection.name)
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
        now = await active(connection, projection)
        return now and now.schema


async def hold(connection: Connection, projection: str) -> None:
    """Keep others from changing which build is served, until this transaction ends."""
    await connection.execute(statement(SQL, "hold"), projection)


async def expose(connection: Connection, projection: str, schema: str) -> None:
    """Make the projection's views show this build, as this transaction commits.

    The views that were there are set aside, not replaced: a reader within them goes on undisturbed, and
    nobody waits for anybody.  `tidy` drops them afterwards.
    """
    await connection.execute(statement(SQL, "as_processor"))
    api = quoted(api_of(projection))
    if await schema_exists(connection, api_of(projection)):
        aside = await connection.fetchval(statement(SQL, "aside"), api_of(projection))
        await connection.execute(statement(SQL, "set_aside").format(api=api, aside=quoted(aside)))
    await connection.execute(statement(SQL, "make").format(api=api))
    for row in await connection.fetch(statement(SQL, "tables"), schema):
        names = {"api": api, "table": row["name"], "schema": quoted(schema)}
        await connection.execute(statement(SQL, "view").format(**names))
    await connection.execute(statement(SQL, "show").format(api=api))


async def tidy(pool: Pool, projection: str) -> None:
    """Drop the views that were set aside and that no reader is within; the others are left to the next time."""
    async with pool.acquire() as connection:
        for row in await connection.fetch(statement(SQL, "asides"), api_of(projection)):
            with suppress(Away), outages():
                async with connection.transaction():
                    await connection.execute(statement(SQL, "impatient"))
                    await connection.execute(statement(SQL, "drop").format(aside=quoted(row["name"])))


async def active(connection: Connection, projection: str) -> Build | None:
    """Return the build that is served, or None before the first one."""
    row = await connection.fetchrow(statement(SQL, "active"), projection)
    return Build(*row) if row else None
