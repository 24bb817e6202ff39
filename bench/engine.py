"""An engine that is measured runs as a process of its own: a job in, what was measured out, both as JSON."""

import asyncio
import resource
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson
import uvloop

from bench.child import output
from events.topics import CASES
from services.runtime.garbage import look_seldom
from services.runtime.settings import Settings


@dataclass(frozen=True)
class Job:
    """What to read, where to write, and after how many events to stop."""

    kafka: str
    postgres: str
    home: str
    prefix: str
    partitions: int
    events: int

    @property
    def settings(self) -> Settings:
        """The job as the house's own processors take it."""
        return Settings(
            Path(self.home),
            self.kafka,
            self.postgres,
            topic_prefix=self.prefix,
            partitions=self.partitions,
            log_level="warning",
        )

    @property
    def topic(self) -> str:
        return self.settings.topic(CASES)


@dataclass(frozen=True)
class Measured:
    """What one run did: seconds from its first batch to its last commit, and what the process took."""

    events: int
    seconds: float
    cpu_seconds: float
    rss_mib: float

    @property
    def rate(self) -> float:
        """Events per second."""
        return self.events / self.seconds


class Meter:
    """Counts committed events; `done` is set with the last one."""

    def __init__(self, events: int) -> None:
        self._wanted = events
        self._began = self._ended = 0.0
        self._running = False
        self._cpu = 0.0
        self.events = 0
        self.done = asyncio.Event()

    def begin(self, at: float | None = None) -> None:
        """Start the clock with the first batch, now or at that `perf_counter` time; later calls change nothing."""
        if not self._running:
            self._running = True
            self._began, self._cpu = at or time.perf_counter(), time.process_time()

    def committed(self, events: int) -> None:
        """Note that these events are committed."""
        self.events += events
        if self.events >= self._wanted and not self.done.is_set():
            self._ended = time.perf_counter()
            self._cpu = time.process_time() - self._cpu
            self.done.set()

    def measured(self) -> Measured:
        """Return the figures; only after `done`."""
        return Measured(self.events, self._ended - self._began, self._cpu, peak_mib())


def peak_mib() -> float:
    """Return the most memory that this process has had; `getrusage` would count the parent's, too."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def serve(engine: Callable[[Job, Meter], Awaitable[None]], *, tuned: bool = False) -> None:
    """Run the engine on the job given as the one argument, and print what was measured; `tuned` as for `answer`."""

    async def run(job: Job) -> dict[str, Any]:
        meter = Meter(job.events)
        await engine(job, meter)
        return asdict(meter.measured())

    answer(run, tuned=tuned)


def answer(work: Callable[[Job], Coroutine[Any, Any, dict[str, Any]]], *, tuned: bool = True) -> None:
    """Do the work of the job given as the one argument, and print what comes of it.

    `tuned` gives it the event loop and the garbage collector's thresholds of the house's own processes;
    others run as Python comes.
    """
    job = Job(**orjson.loads(sys.argv[1]))
    if tuned:
        look_seldom()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop if tuned else None) as runner:
        found = runner.run(work(job))
    sys.stdout.write(orjson.dumps(found).decode() + "\n")


async def run(module: str, job: Job, seconds: float) -> dict[str, Any]:
    """Return what `python -m <module>` answers to the job within so many seconds; raises EngineFailed."""
    out = await output([sys.executable, "-m", module, orjson.dumps(asdict(job)).decode()], seconds)
    found: dict[str, Any] = orjson.loads(out.splitlines()[-1])
    return found
