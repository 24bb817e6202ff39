"""The steps of a rebuild: make the build, fold it to where the served one stands, hold the two against each other.

The served build goes on meanwhile, so the comparison takes its moment first: a snapshot of the served build
stays open while the new one, which nobody else writes, is folded to exactly the vector seen there.  One such
round is enough however fast the log grows; rounds before it only keep the snapshot's life short.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Literal, Protocol

from projections.comparison import Comparison, compare
from projections.projection import Projection
from projections.record import Partition, Position
from projections.sql import statement
from projections.store import Snapshot, drop_schema, keep_logged, schema_exists
from projections.store.pool import Pool
from services.ops.builds import database, served_schema
from services.ops.errors import BuildExists, BuildServed
from services.ops.rebuild.crew import Crew, crew
from services.ops.rebuild.orders import Job, environ
from services.runtime.builds import make, schema_of
from services.runtime.refold import BuildAhead, BuildTaken
from services.runtime.settings import Settings

SQL = Path(__file__).with_name("rebuild.sql")
#: With so few records left the snapshot is taken; after so many rounds it is taken anyway.
NEAR, ROUNDS = 20_000, 5


class Show(Protocol):
    """Is told how far the rebuild is."""

    def step(self, name: str, total: int | None) -> None:
        """A step begins, of so many records or rows if that is known."""
        ...

    def advance(self, count: int) -> None: ...


@dataclass(frozen=True)
class Plan:
    """What is rebuilt, as which build, and what happens to one that is there, and to the new one in the end."""

    projection: Projection
    build: str
    workers: int
    keep: bool
    begin: Literal["new", "resume", "anew"] = "new"

    @property
    def schema(self) -> str:
        return schema_of(self.projection, self.build)


@dataclass(frozen=True)
class Verdict:
    """What came of it.  `seconds` is the folding alone, of `events` records."""

    served: str
    schema: str
    kept: bool
    events: int
    seconds: float
    comparison: Comparison


async def rebuild(settings: Settings, plan: Plan, show: Show) -> Verdict:
    """Rebuild and compare.

    Raises BuildServed, BuildExists, BuildTaken or BuildAhead when the build cannot be written, NothingFolded when
    none is served, RebuildFailed when folding failed; what was committed before stays.
    """
    async with database(settings, "manyhands rebuild") as pool:
        served = await served_schema(pool, plan.projection, settings)
        if served == plan.schema:
            raise BuildServed(plan.schema)
        async with _claimed(pool, plan.schema):
            await _made(pool, plan)
            job = Job(environ(settings), plan.projection.name, plan.schema)
            async with crew(job, plan.workers) as workers:
                verdict = await _Run(pool, plan, served, workers, show).run()
            if not plan.keep:
                await _dropped(pool, plan.schema)
    return verdict


async def _dropped(pool: Pool, schema: str) -> None:
    async with pool.acquire() as connection:
        await drop_schema(connection, schema)


@asynccontextmanager
async def _claimed(pool: Pool, schema: str) -> AsyncIterator[None]:
    """Hold the build while the block runs.  Raises BuildTaken when another rebuild does."""
    async with pool.acquire() as connection:
        if not await connection.fetchval(statement(SQL, "claim"), schema):
            raise BuildTaken(f"another rebuild is at {schema}")
        yield


async def _made(pool: Pool, plan: Plan) -> None:
    """Make the build's schema, or take the one that is there as the plan says."""
    async with pool.acquire() as connection:
        if await schema_exists(connection, plan.schema):
            if plan.begin == "new":
                raise BuildExists(plan.schema)
            if plan.begin == "anew":
                await drop_schema(connection, plan.schema)
        await make(connection, plan.projection, plan.schema, unlogged=True)


@dataclass
class _Run:
    """One rebuild under way: its database, its workers and what they have done."""

    pool: Pool
    plan: Plan
    served: str
    workers: Crew
    show: Show
    events: int = 0
    seconds: float = 0.0

    async def run(self) -> Verdict:
        for _ in range(ROUNDS):
            vector = await self._vector()
            if sum((await self._behind(vector)).values()) <= NEAR:
                break
            await self._fold(vector)
        if self.plan.keep:
            self.show.step("making it last", None)
            async with self.pool.acquire() as connection:
                await keep_logged(connection, self.plan.projection, self.plan.schema)
        comparison = await self._compared()
        return Verdict(self.served, self.plan.schema, self.plan.keep, self.events, self.seconds, comparison)

    async def _compared(self) -> Comparison:
        async with _moment(self.pool, self.served) as before:
            vector = _offsets(await before.vector())
            await self._fold(vector)
            async with _moment(self.pool, self.plan.schema) as after:
                if _offsets(await after.vector()) != vector:
                    raise BuildTaken(f"{self.plan.schema} moved while it was compared")
                self.show.step("comparing", None)
                return await compare(before, after, self.plan.projection, report=self.show.advance)

    async def _fold(self, vector: Mapping[Partition, int]) -> None:
        left = await self._behind(vector)
        total = sum(left.values())
        if not total:
            return
        self.show.step("folding", total)
        began = monotonic()
        await self.workers.fold(vector, left, self._note)
        self.seconds += monotonic() - began

    def _note(self, count: int) -> None:
        self.events += count
        self.show.advance(count)

    async def _vector(self) -> dict[Partition, int]:
        async with _moment(self.pool, self.served) as served:
            return _offsets(await served.vector())

    async def _behind(self, vector: Mapping[Partition, int]) -> dict[Partition, int]:
        """Return how many records of each partition the new build lacks.  Raises BuildAhead."""
        async with _moment(self.pool, self.plan.schema) as build:
            stands = _offsets(await build.vector())
        left = {each: vector.get(each, 0) - stands.get(each, 0) for each in vector.keys() | stands}
        for (topic, number), count in left.items():
            if count < 0:
                raise BuildAhead(f"{self.plan.schema} is {-count} records ahead in {topic}-{number}")
        return {partition: count for partition, count in left.items() if count}


@asynccontextmanager
async def _moment(pool: Pool, schema: str) -> AsyncIterator[Snapshot]:
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        yield Snapshot(connection, schema)


def _offsets(vector: Mapping[Partition, Position]) -> dict[Partition, int]:
    return {partition: position.next_offset for partition, position in vector.items()}
