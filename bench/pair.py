"""The full work in two processes, which Kafka shares the partitions out between, as `run --processes 2` has it."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict
from typing import Any

import orjson

from bench.child import EngineFailed
from bench.engine import Job, answer
from bench.meter import Measured

PROCESSES = 2


async def run(job: Job) -> dict[str, Any]:
    """Return what both did together, from the first batch of either to the last commit of either.

    Positions are counted, not batches: one that commits while its partition moves to the other is told by neither.
    """
    said: asyncio.Queue[tuple[int, bytes]] = asyncio.Queue()
    reached: dict[int, int] = {}
    last: dict[int, dict[str, float]] = {}
    began = ended = 0.0
    async with AsyncExitStack() as stack:
        for number in range(PROCESSES):
            await stack.enter_async_context(_member(job, number, said))
        while sum(reached.values()) < job.events:
            number, line = await said.get()
            if not line:
                raise EngineFailed(f"a process ended after {sum(reached.values())} events")
            last[number] = batch = orjson.loads(line)
            reached[batch["partition"]] = max(batch["reached"], reached.get(batch["partition"], 0))
            began, ended = min(began or batch["began"], batch["began"]), max(ended, batch["ended"])
    cpu, rss = (sum(batch[name] for batch in last.values()) for name in ("cpu", "rss"))
    return asdict(Measured(sum(reached.values()), ended - began, cpu, rss))


@asynccontextmanager
async def _member(job: Job, number: int, said: asyncio.Queue[tuple[int, bytes]]) -> AsyncIterator[Process]:
    """Run one process while the block runs, queueing its lines; an empty one when it has ended."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.member", orjson.dumps(asdict(job)).decode(), stdout=PIPE
    )
    listening = asyncio.create_task(_listen(process, number, said))
    try:
        yield process
    finally:
        listening.cancel()
        if process.returncode is None:
            process.kill()  # everything that counts is committed
        await process.wait()


async def _listen(process: Process, number: int, said: asyncio.Queue[tuple[int, bytes]]) -> None:
    stream = process.stdout
    while stream is not None and (line := await stream.readline()):
        await said.put((number, line))
    await said.put((number, b""))


if __name__ == "__main__":
    answer(run, tuned=False)
