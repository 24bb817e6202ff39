"""Engines against the yardstick on one workload: turn by turn, several rounds, medians."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

import asyncpg

from bench.engine import Measured, run
from bench.ground import Ground, database

#: No single run takes longer than this, in seconds.
LONGEST = 120.0
YARDSTICK = "yardstick"
Check = Callable[[asyncpg.Connection, int], Awaitable[None]]


class Engine(NamedTuple):
    """A module to run, what its tables are checked against, and how much of the log it reads (all, when None)."""

    name: str
    module: str
    check: Check
    events: int | None = None


@dataclass(frozen=True)
class Result:
    """One engine on one workload: its rounds, and each round's share of the yardstick beside it."""

    runs: Sequence[Measured]
    shares: Sequence[float]

    @property
    def rate(self) -> float:
        """Median events per second."""
        return median(run.rate for run in self.runs)

    @property
    def share(self) -> float:
        """Median share of the yardstick's rate in the same round."""
        return median(self.shares)

    @property
    def rss_mib(self) -> float:
        """The most memory that any round took."""
        return max(run.rss_mib for run in self.runs)

    @property
    def cpu_us(self) -> float:
        """Median CPU time of the engine's own process, in microseconds an event."""
        return median(run.cpu_seconds / run.events for run in self.runs) * 1e6


@dataclass(frozen=True)
class Track:
    """The log that is raced on: its prefix and its length."""

    ground: Ground
    prefix: str
    events: int


async def race(track: Track, engines: Sequence[Engine], rounds: int, say: Callable[[str], None]) -> dict[str, Result]:
    """Run the engines turn by turn, the yardstick first in every round; raises EngineFailed or TablesDiffer."""
    runs: dict[str, list[Measured]] = {engine.name: [] for engine in engines}
    for number in range(rounds):
        for engine in engines:
            say(f"{track.prefix[:-1]}, round {number + 1} of {rounds}: {engine.name}")
            runs[engine.name].append(await _once(track, engine))
    base = runs[YARDSTICK]
    return {
        name: Result(taken, [one.rate / yard.rate for one, yard in zip(taken, base, strict=True)])
        for name, taken in runs.items()
    }


async def _once(track: Track, engine: Engine) -> Measured:
    events = engine.events or track.events
    async with database(track.ground) as uri:
        measured = Measured(**await run(engine.module, track.ground.job(track.prefix, uri, events), LONGEST))
        connection = await asyncpg.connect(uri)
        try:
            await engine.check(connection, measured.events)
        finally:
            await connection.close()
    return measured
