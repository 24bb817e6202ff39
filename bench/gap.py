"""Where the same job spends its time: a clock at each of its own steps, and samples of whose code has the processor.

Steps are clocked as they pass, waiting included, and two batches are under way at once, so they may add up to more
than the run took.  Samples are taken by processor time and fall to the innermost package that is named below.
"""

import signal
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeVar

from bench.engine import Job, answer
from bench.laststatus import Connection, LastStatus, Rows
from bench.meter import Meter
from bench.samejob import run as same_job
from projections.record import Partition, Position, Record

#: Seconds of processor time between two samples; the kernel may make it longer.
EVERY = 0.001
#: Whose code it is, by a part of the file's name; the innermost frame that fits counts.
WHOSE = (
    ("/aiokafka/", "CPU: Kafka client"),
    ("/asyncpg/", "CPU: PostgreSQL driver"),
    ("/faust/", "CPU: Faust"),
    ("/mode/", "CPU: Faust"),
    ("/services/runtime/", "CPU: the house's runtime"),
    ("/projections/", "CPU: fold and fingerprint"),
    ("/bench/yardstick", "CPU: fold and fingerprint"),
    ("/bench/laststatus", "CPU: fold and fingerprint"),
)
REST = "CPU: event loop, sockets and all else"
Answer = TypeVar("Answer")
spent: defaultdict[str, float] = defaultdict(float)


class Clocked(LastStatus):
    """Adds up the seconds of each step."""

    def fold(self, records: Sequence[Record]) -> Rows:
        with _clock("fold"):
            return super().fold(records)

    def fingerprint(self, last: Record) -> bytes:
        with _clock("fingerprint"):
            return super().fingerprint(last)

    async def commit(self, partition: Partition, start: int, after: Position, rows: Rows) -> None:
        with _clock("transaction, its statements included"):
            await super().commit(partition, start, after, rows)

    async def advance(self, connection: Connection, before: tuple[int, int], after: Position) -> None:
        await _timed("compare-and-swap of the position", super().advance(connection, before, after))

    async def write(self, connection: Connection, rows: Rows) -> None:
        await _timed("upsert of the rows", super().write(connection, rows))


@contextmanager
def _clock(name: str) -> Iterator[None]:
    began = time.perf_counter()
    try:
        yield
    finally:
        spent[name] += time.perf_counter() - began


async def _timed(name: str, work: Awaitable[Answer]) -> Answer:
    with _clock(name):
        return await work


def whose(frame: FrameType | None) -> str:
    """Return whose code this is, from the innermost frame outwards."""
    while frame is not None:
        for part, name in WHOSE:
            if part in frame.f_code.co_filename:
                return name
        frame = frame.f_back
    return REST


async def run(job: Job) -> dict[str, Any]:
    """Return microseconds an event by step, then by whose code had the processor."""
    samples: Counter[str] = Counter()
    meter = Meter(job.events)

    def sample(_signal: int, frame: FrameType | None) -> None:
        if meter.began and not meter.done.is_set():
            samples[whose(frame)] += 1

    signal.signal(signal.SIGPROF, sample)
    signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)
    await same_job(job, meter, Clocked)
    signal.setitimer(signal.ITIMER_PROF, 0)
    measured = meter.measured()
    taken = sum(samples.values()) or 1
    shares = {name: count / taken * measured.cpu_seconds for name, count in samples.most_common()}
    found: dict[str, float] = {"the whole run": measured.seconds, **spent, **shares}
    return {name: round(seconds / measured.events * 1e6, 2) for name, seconds in found.items()}


if __name__ == "__main__":
    answer(run)
