"""The house's runtime at the yardstick's job: Faust, PostgreSQL's own offsets, exactly once."""

from typing import cast

import asyncpg

from bench.engine import Job, serve
from bench.gauge import Gauge
from bench.laststatus import LastStatus
from bench.meter import Meter
from projections.projector import Projector
from services.runtime.app import LogTransport, make
from services.runtime.consumer import LogConsumer
from services.runtime.worker import LogWorker


async def run(job: Job, meter: Meter, kept: type[LastStatus] = LastStatus) -> None:
    """Run a worker until the meter has seen enough; `kept` is what folds and commits."""
    async with asyncpg.create_pool(job.postgres, min_size=4) as pool:
        projector = kept(pool)
        await projector.prepare()
        app = make(job.settings, f"{job.prefix}same", job.topic, job.partitions, LogTransport)
        # The worker asks for no more than LastStatus answers: open, close and project.
        app.worker = LogWorker(cast(Projector, projector), Gauge(meter), lambda: cast(LogConsumer, app.consumer))
        await app.start()
        await meter.done.wait()
        await app.stop()


if __name__ == "__main__":
    serve(run, tuned=True)
