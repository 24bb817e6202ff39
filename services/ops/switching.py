"""Another build taken into service: readers move over in one transaction, and nobody waits for them."""

from asyncio import sleep, timeout
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from projections.communication.feed import FEED
from projections.projection import Projection
from projections.record import Partition, Position
from projections.rulebook import RulebookOutdated
from projections.sql import statement
from projections.store import schema_exists
from projections.store.pool import Connection, Pool
from projections.store.schema import quoted
from services.ops.errors import BuildBehind, BuildForeign, BuildUnknown, BuildUnlogged, NothingFolded, RulesOutdated
from services.ops.released import brought
from services.runtime.builds import Build, active, expose, hold, tidy

SQL = Path(__file__).with_name("switching.sql")
#: Seconds between two looks at how far a build is.
PAUSE_S = 0.02

Vector = Mapping[Partition, Position]


@dataclass(frozen=True)
class Switch:
    """What is served afterwards, and was before.  `behind` counts records that the new build still lacked."""

    projection: str
    before: Build
    after: Build
    behind: int = 0

    @property
    def changed(self) -> bool:
        return self.before != self.after


async def look(pool: Pool, projection: Projection, build: Build) -> Switch:
    """Say what a switch would do, and change nothing.

    Raises whatever `switch` raises, but for a build that is behind: that one may still catch up.
    """
    async with _fit(pool, projection, build) as (connection, before):
        standing = [await _standing(connection, each.schema) for each in (before, build)]
        return Switch(projection.name, before, build, sum(_behind(*standing).values()))


async def switch(pool: Pool, projection: Projection, build: Build, patience: float) -> Switch:
    """Take the build into service; it is served when this returns, and nothing has changed when this raises.

    The build that was served goes no further for up to `patience` seconds, while the new one catches up with it.
    Raises BuildUnknown, BuildUnlogged, BuildForeign, RulesOutdated or NothingFolded when it cannot be served, and
    BuildBehind when it did not catch up.
    """
    async with _fit(pool, projection, build) as (connection, before):
        if before != build:
            await connection.execute(statement(SQL, "still").format(schema=quoted(before.schema)))
            await _caught_up(connection, (before, build), patience)
            await connection.execute(statement(SQL, "activate"), projection.name, *build)
            if FEED in [view.table for view in projection.views]:
                await brought(connection, before.schema, build.schema)
            await expose(connection, projection.name, build.schema)
    await tidy(pool, projection.name)
    return Switch(projection.name, before, build)


@asynccontextmanager
async def _fit(pool: Pool, projection: Projection, build: Build) -> AsyncIterator[tuple[Connection, Build]]:
    """Give a transaction in which nobody else switches, and what is served; the build can be, but may be behind."""
    async with pool.acquire() as connection, connection.transaction():
        await hold(connection, projection.name)
        before = await active(connection, projection.name)
        if before is None:
            raise NothingFolded(projection.name)
        if not await schema_exists(connection, build.schema):
            raise BuildUnknown(build.schema)
        if await connection.fetchval(statement(SQL, "unlogged"), build.schema):
            raise BuildUnlogged(build.schema)
        standing = await _standing(connection, build.schema)
        late = projection.rulebook.outdated(standing.values()) if build.version == projection.version else []
        if late:
            raise RulesOutdated(f"rules {RulebookOutdated(late)}")
        _same_log(await _standing(connection, before.schema), standing)
        yield connection, before


async def _caught_up(connection: Connection, builds: tuple[Build, Build], patience: float) -> None:
    """Return once the second build has folded all that the first has.  Raises BuildBehind."""
    behind: Mapping[Partition, int] = {}
    try:
        async with timeout(patience):
            while True:
                behind = _behind(*[await _standing(connection, each.schema) for each in builds])
                if not behind:
                    return
                await sleep(PAUSE_S)
    except TimeoutError:
        places = ", ".join(f"{count} in {place.topic}-{place.number}" for place, count in sorted(behind.items()))
        raise BuildBehind(f"{builds[1].schema} lacks {places}") from None


async def _standing(connection: Connection, schema: str) -> dict[Partition, Position]:
    rows = await connection.fetch(statement(SQL, "standing").format(schema=quoted(schema)))
    return {Partition(*row[:2]): Position(*row[2:]) for row in map(tuple, rows)}


def _behind(served: Vector, build: Vector) -> dict[Partition, int]:
    """Return how many records the build lacks of what the served one has folded, by partition, where it lacks any."""
    left = {place: at.next_offset - build.get(place, Position()).next_offset for place, at in served.items()}
    return {place: count for place, count in left.items() if count > 0}


def _same_log(served: Vector, build: Vector) -> None:
    """Raise BuildForeign when two builds that stand at the same record did not fold the same one."""
    for place in sorted(served.keys() & build):
        one, other = served[place], build[place]
        if one.next_offset == other.next_offset and one.last_hash != other.last_hash:
            raise BuildForeign(f"{place.topic}-{place.number} at {one.next_offset - 1}")
