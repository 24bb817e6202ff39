"""From sending an event to seeing its row, with nothing else to do: one event at a time to an idle processor."""

import asyncio
import time
from functools import partial
from random import Random
from statistics import quantiles

import asyncpg

from bench.fill import fill
from bench.ground import Ground, database
from bench.process import processor, until
from bench.served import SERVED
from bench.startup import any_row
from bench.stories import story
from bench.workload import Line
from events.codec import write
from services.runtime.log import producer

PREFIX = "idle."
#: Events a second; far below what keeps a processor busy.
PACE = 20
LONGEST = 30.0
#: Rows seen before the clock counts, so that every partition and plan was used once.
WARM_UP = 20


async def measure(ground: Ground, events: int) -> dict[str, float]:
    """Return the median and the 99th percentile in milliseconds."""
    random = Random(events)
    lines = [_first(random) for _ in range(events + WARM_UP + 1)]
    async with database(ground) as uri:
        job = ground.job(PREFIX, uri, events)
        await fill(job.settings, lines[:1])
        connection = await asyncpg.connect(uri)
        async with processor(job) as process, producer(job.settings) as sender:
            await until(lambda: any_row(connection), process, LONGEST)
            taken = []
            for line in lines[1:]:
                began = time.perf_counter()
                await sender.send_and_wait(job.topic, key=line.key, value=line.value)
                ended = await until(partial(_seen, connection, line), process, LONGEST)
                taken.append((ended - began) * 1000)
                await asyncio.sleep(1 / PACE)
        await connection.close()
    cuts = quantiles(taken[WARM_UP:], n=100)
    return {"p50": cuts[49], "p99": cuts[98]}


def _first(random: Random) -> Line:
    """Return a client's first event, which is legal whatever was said before."""
    event = next(story(random))
    return Line(event.partitionkey.encode(), write(event), event.subject)


async def _seen(connection: asyncpg.Connection, line: Line) -> bool:
    found = await connection.fetchval(
        f"select exists (select from {SERVED}.client where initiative = 'harbour-county' and record = $1)",  # noqa: S608 - a name of our own
        line.subject,
    )
    return bool(found)
