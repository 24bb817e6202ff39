"""The whole referral work in the processor of production: read, judged, states and board, timeline, sealed text."""

import asyncio

from bench.child import EngineFailed
from bench.engine import Job, serve
from bench.gauge import Gauge
from bench.meter import Meter
from projections.referral import REFERRAL
from services.runtime.logging import configure
from services.runtime.processor import Processor


async def run(job: Job, meter: Meter) -> None:
    """Run the processor until the meter has seen enough; raises EngineFailed when it ends before."""
    configure("json", "warning")
    processor = Processor(REFERRAL, job.settings)
    processor.telemetry = Gauge(meter)
    running = asyncio.create_task(processor.run())
    enough = asyncio.create_task(meter.done.wait())
    await asyncio.wait({running, enough}, return_when=asyncio.FIRST_COMPLETED)
    processor.stop()
    if await running:
        raise EngineFailed(f"the processor ended after {meter.events} events")


if __name__ == "__main__":
    serve(run, tuned=True)
