"""An engine that is measured runs as a process of its own: a job in, what was measured out, both as JSON."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson
import uvloop

from bench.child import output
from bench.meter import Meter
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
    return await answered([sys.executable, "-m", module, orjson.dumps(asdict(job)).decode()], seconds)


async def answered(command: Sequence[str], seconds: float) -> dict[str, Any]:
    """Return the last line that the command writes within so many seconds, read as JSON; raises EngineFailed."""
    out = await output(command, seconds)
    found: dict[str, Any] = orjson.loads(out.splitlines()[-1])
    return found
