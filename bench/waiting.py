"""From posting an event to its ruling over HTTP, at a steady pace: sealed, kept, folded and answered."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from itertools import chain
from random import Random
from statistics import quantiles
from typing import Any

import aiohttp
import orjson

from bench.child import EngineFailed
from bench.engine import Job, answer
from bench.front import Front, front
from bench.rows import client
from services.gateway.cloudevents import Mode

Post = Callable[[dict[str, Any]], Awaitable[None]]
#: Requests a second, each due at its moment, whatever became of those before.
PACE = 50
#: Clients whose stories go side by side: what one of them says next is due a second later.
BESIDE = PACE
#: Requests before the clock counts.
WARM_UP = 200
#: The number of a row that goes before all others.
FIRST = 10_000_000


async def work(job: Job) -> dict[str, Any]:
    """Return the median and the 99th percentile in milliseconds over the job's number of requests, or a few more."""
    async with front(job, folding=True) as door:
        headers = {"Authorization": f"Bearer {door.bearer}", "Content-Type": Mode.STRUCTURED}
        async with aiohttp.ClientSession(headers=headers, connector=aiohttp.TCPConnector(limit=0)) as session:
            post = partial(_posted, session, door)
            # The first ruling comes when the processor has made its tables.
            await post(next(client(Random(0), FIRST, door.service)))
            began = time.perf_counter()
            told = await asyncio.gather(*(_told(post, *each) for each in _stories(job.events, began, door.service)))
    taken = [milliseconds for due, milliseconds in chain(*told) if due >= began + WARM_UP / PACE]
    cuts = quantiles(taken, n=100)
    return {"p50": cuts[49], "p99": cuts[98]}


def _stories(events: int, began: float, service: str) -> Iterator[tuple[list[dict[str, Any]], float]]:
    """Yield the rows of clients enough for so many events, and when the first of each is due."""
    random = Random(PACE)
    clients = math.ceil((events + WARM_UP) / 4 / BESIDE) * BESIDE
    for number in range(clients):
        round_, place = divmod(number, BESIDE)
        yield [*client(random, 4 * number, service)], began + 4 * round_ * BESIDE / PACE + place / PACE


async def _told(post: Post, rows: list[dict[str, Any]], due: float) -> list[tuple[float, float]]:
    """Tell one client's story; return when each row was due, and the milliseconds from then to its answer."""
    taken = []
    for row in rows:
        await asyncio.sleep(due - time.perf_counter())
        await post(row)
        taken.append((due, (time.perf_counter() - due) * 1000))
        due += BESIDE / PACE
    return taken


async def _posted(session: aiohttp.ClientSession, door: Front, row: dict[str, Any]) -> None:
    """Post an event and wait for its ruling.  Raises EngineFailed unless it was applied."""
    async with session.post(f"{door.address}/v1/events?wait=30", data=orjson.dumps(row)) as response:
        told = orjson.loads(await response.read())
    if told.get("ruling", {}).get("outcome") != "applied":
        raise EngineFailed(f"{response.status} {told.get('code')} at {told.get('pointer')}")


if __name__ == "__main__":
    answer(work)
