"""Engines against the yardstick on one workload: turn by turn, several rounds, medians."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, NamedTuple

import asyncpg

from bench.engine import Job, run
from bench.ground import Ground, database
from bench.meter import Measured
from bench.servers import postgres_cpu

#: No single run takes longer than this, in seconds.
LONGEST = 300.0
YARDSTICK = "yardstick"
Check = Callable[[asyncpg.Connection, int], Awaitable[None]]
#: Runs a module on a job within so many seconds.
Start = Callable[[str, Job, float], Awaitable[dict[str, Any]]]


class Engine(NamedTuple):
    """A module to run, what its tables are checked against, and how much of the log it reads (all, when None)."""

    name: str
    module: str
    check: Check
    events: int | None = None
    start: Start = run


@dataclass(frozen=True)
class Turn:
    """One run of one engine: what it measured itself, and the CPU seconds that PostgreSQL took meanwhile."""

    measured: Measured
    postgres_seconds: float


@dataclass(frozen=True)
class Result:
    """One engine on one workload: its rounds, and each round's share of the yardstick beside it."""

    turns: Sequence[Turn]
    shares: Sequence[float]

    @property
    def rate(self) -> float:
        """Median events per second."""
        return median(turn.measured.rate for turn in self.turns)

    @property
    def share(self) -> float:
        """Median share of the yardstick's rate in the same round."""
        return median(self.shares)

    def over(self, other: "Result") -> float:
        """Median of its rate over the other's beside it in the same round."""
        pairs = zip(self.turns, other.turns, strict=True)
        return median(own.measured.rate / its.measured.rate for own, its in pairs)

    @property
    def rss_mib(self) -> float:
        """The most memory that any round took."""
        return max(turn.measured.rss_mib for turn in self.turns)

    @property
    def cpu_us(self) -> float:
        """Median CPU time of the engine's own process, in microseconds an event."""
        return median(turn.measured.cpu_seconds / turn.measured.events for turn in self.turns) * 1e6

    @property
    def postgres_us(self) -> float:
        """Median CPU time of PostgreSQL, in microseconds an event."""
        return median(turn.postgres_seconds / turn.measured.events for turn in self.turns) * 1e6


@dataclass(frozen=True)
class Track:
    """The log that is raced on: its prefix and its length."""

    ground: Ground
    prefix: str
    events: int


async def race(track: Track, engines: Sequence[Engine], rounds: int, say: Callable[[str], None]) -> dict[str, Result]:
    """Run the engines turn by turn, the yardstick first in every round; raises EngineFailed or TablesDiffer."""
    turns: dict[str, list[Turn]] = {engine.name: [] for engine in engines}
    for number in range(rounds):
        for engine in engines:
            say(f"{track.prefix[:-1]}, round {number + 1} of {rounds}: {engine.name}")
            turns[engine.name].append(await once(track, engine))
    base = [turn.measured.rate for turn in turns[YARDSTICK]]
    return {
        name: Result(taken, [turn.measured.rate / rate for turn, rate in zip(taken, base, strict=True)])
        for name, taken in turns.items()
    }


async def once(track: Track, engine: Engine) -> Turn:
    """Run one engine on the track, into a new database; raises EngineFailed or TablesDiffer."""
    events = engine.events or track.events
    async with database(track.ground) as uri:
        before = postgres_cpu(track.ground.home)
        measured = Measured(**await engine.start(engine.module, track.ground.job(track.prefix, uri, events), LONGEST))
        taken = postgres_cpu(track.ground.home) - before
        connection = await asyncpg.connect(uri)
        try:
            await engine.check(connection, measured.events)
        finally:
            await connection.close()
    return Turn(measured, taken)
