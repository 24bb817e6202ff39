"""`manyhands builds`: which builds of the projections there are, and dropping one."""

import asyncio
import re
from typing import Annotated

import typer

from projections.batch import Away
from projections.projection import Projection
from projections.sql import statement
from projections.store import drop_schema, schema_exists
from projections.store.outage import outages
from projections.store.pool import Connection
from projections.store.schema import quoted
from services.ops.builds import PROJECTIONS, Named, database
from services.ops.errors import BuildServed, BuildUnknown
from services.ops.reading import Line
from services.ops.shown import AsJson, print_json, print_table
from services.ops.switching import SQL
from services.runtime.builds import SQL as BUILDS
from services.runtime.builds import Build, active, hold, of_schema, schema_of
from services.runtime.log import spans
from services.runtime.refold import BuildTaken
from services.runtime.settings import Settings

COLUMNS = ("projection", "version", "build", "served", "behind", "size", "lasting", "schema")
_VERSIONED = re.compile(r"v([1-9][0-9]*)_(.+)")

OfBuild = Annotated[
    str, typer.Argument(help="The build by its name, such as b; v1_b names one of another version than this program's.")
]
app = typer.Typer(no_args_is_help=True, help="Show the builds of the projections, and drop one.")


@app.callback()
def main() -> None:
    """Show the builds of the projections, and drop one."""


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List every build: whether it is served, how many records it is behind the log, and its size on disk."""
    lines = asyncio.run(_list(Settings.from_env()))
    if as_json:
        print_json(lines)
        return
    shown = [{**line, "size": f"{line['bytes'] / 1e6:,.1f} MB"} for line in lines]
    print_table("Builds", shown, COLUMNS, "Nothing was folded yet.")


@app.command()
def drop(projection: Annotated[Named, typer.Argument(help="The projection.")], build: OfBuild) -> None:
    """Drop a build that is neither served nor folded; what it held can be folded again from the log."""
    typer.echo(f"Dropped {asyncio.run(_drop(PROJECTIONS[projection], build))}")


def named(projection: Projection, build: str) -> Build:
    """Return the build of this name; a name such as v1_b says the version too, others mean this program's."""
    found = _VERSIONED.fullmatch(build)
    if found:
        return Build(int(found[1]), found[2], f"rm_{projection.name}_{build}")
    return Build(projection.version, build, schema_of(projection, build))


async def _list(settings: Settings) -> list[Line]:
    async with database(settings, "manyhands builds", size=1) as pool, pool.acquire() as connection:
        if not await schema_exists(connection, "keep"):
            return []
        found = [(row, of_schema(row["schema"])) for row in await connection.fetch(statement(SQL, "builds"))]
        return [
            {
                "projection": of[0],
                "version": of[1].version,
                "build": of[1].name,
                "schema": of[1].schema,
                "served": row["served"],
                "behind": await _behind(connection, settings, *of),
                "bytes": row["bytes"],
                "lasting": row["lasting"],
            }
            for row, of in found
            if of is not None
        ]


async def _behind(connection: Connection, settings: Settings, projection: str, build: Build) -> int | None:
    """Return how many records the build lacks of its log; None for a projection that this program does not know."""
    if projection not in PROJECTIONS:
        return None
    ends = await spans(settings, [PROJECTIONS[projection].topic])
    rows = await connection.fetch(statement(SQL, "standing").format(schema=quoted(build.schema)))
    stands: dict[tuple[str, int], int] = {(row["topic"], row["partition"]): row["next_offset"] for row in rows}
    return sum(max(0, end - stands.get((place.topic, place.number), 0)) for place, (_, end) in ends.items())


async def _drop(projection: Projection, name: str) -> str:
    """Drop the build and return its schema's name.  Raises BuildServed, BuildUnknown or BuildTaken."""
    build = named(projection, name)
    async with (
        database(Settings.from_env(), "manyhands builds", size=1) as pool,
        pool.acquire() as connection,
        connection.transaction(),
    ):
        await hold(connection, projection.name)
        if not await schema_exists(connection, build.schema):
            raise BuildUnknown(build.schema)
        if await active(connection, projection.name) == build:
            raise BuildServed(build.schema)
        await _unused(connection, projection, build)
        await _dropped(connection, build)
    return build.schema


async def _dropped(connection: Connection, build: Build) -> None:
    """Drop the schema, giving way to whoever reads it.  Raises BuildTaken."""
    await connection.execute(statement(BUILDS, "impatient"))
    try:
        with outages():
            await drop_schema(connection, build.schema)
    except Away:
        raise BuildTaken(f"somebody reads {build.schema}") from None


async def _unused(connection: Connection, projection: Projection, build: Build) -> None:
    """Raise BuildTaken when a processor or a rebuild writes the build."""
    processor = f"manyhands {projection.name}.v{build.version}.{build.name}"
    if await connection.fetchval(statement(SQL, "folding"), processor):
        raise BuildTaken(f"a processor folds into {build.schema}")
    if not await connection.fetchval(statement(SQL, "claim"), build.schema):
        raise BuildTaken(f"a rebuild is at {build.schema}")
