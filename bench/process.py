"""A service as it is run in production: a process of its own, told everything by its environment."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from bench.child import EngineFailed
from bench.engine import Job

STOP_S = 20.0


def environment(job: Job) -> dict[str, str]:
    """Return what the house's commands have to be told to work on the job's log and database."""
    told = {
        "HOME": job.home,
        "KAFKA": job.kafka,
        "POSTGRES": job.postgres,
        "TOPIC_PREFIX": job.prefix,
        "PARTITIONS": str(job.partitions),
        "LOG_LEVEL": "warning",
    }
    return {**os.environ, **{f"MANYHANDS_{name}": value for name, value in told.items()}}


def processor(job: Job) -> AbstractAsyncContextManager[asyncio.subprocess.Process]:
    """Run the referral processor on the job's log while the block runs."""
    return service(job, "referral")


@asynccontextmanager
async def service(job: Job, name: str, **more: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run `python -m services.<name>` on the job's log while the block runs, with `more` settings."""
    told = environment(job) | {f"MANYHANDS_{key}": value for key, value in more.items()}
    with (Path(job.home) / f"{name}.log").open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", f"services.{name}", env=told, stdout=output, stderr=output
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await asyncio.wait_for(process.wait(), STOP_S)


async def until(condition: Callable[[], Awaitable[bool]], process: asyncio.subprocess.Process, seconds: float) -> float:
    """Ask every millisecond until it holds and return the `perf_counter` time then.

    Raises EngineFailed when the process ends or the time is over before.
    """
    deadline = time.perf_counter() + seconds
    while not await condition():
        if process.returncode is not None:
            raise EngineFailed(f"the processor ended with {process.returncode}")
        if time.perf_counter() > deadline:
            raise EngineFailed(f"nothing to see after {seconds:.0f} s")
        await asyncio.sleep(0.001)
    return time.perf_counter()
