"""Several processes of one processor on one machine: started together, ended together.

Kafka shares the partitions out among them as it would among machines; PostgreSQL's positions keep them apart.
"""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import Mapping, Sequence
from contextlib import suppress

from services.runtime.logging import get

log = get(__name__)
#: Seconds that a process may take to end once it was told to, before it is killed.
STOP_S = 25.0
#: How a process ends that was told to, also before it could listen.
ORDERLY = (0, -signal.SIGTERM)


def run(module: str, count: int, environ: Mapping[str, str] = os.environ) -> int:
    """Run `python -m <module>` so many times until told to stop or until one ends, and return the exit code.

    0 when every process ended in order, else 1: of processes that belong together none goes on alone.
    """
    return asyncio.run(_run(module, count, environ))


async def _run(module: str, count: int, environ: Mapping[str, str]) -> int:
    over = asyncio.Event()
    for told in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(told, over.set)
    processes: list[Process] = []
    try:
        for number in range(count):
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", module, env=environment(environ, number)
            )
            processes.append(process)
        await _one_ends(over, processes)
    finally:
        codes = await asyncio.gather(*map(_ended, processes))
    failed = [code for code in codes if code not in ORDERLY]
    if failed:
        log.error("processes-ended", codes=failed)
    return int(bool(failed))


def environment(environ: Mapping[str, str], number: int) -> dict[str, str]:
    """Return what the process of this number is told: a name and a port of its own, where they were given."""
    told = dict(environ)
    if told.get("MANYHANDS_INSTANCE"):
        told["MANYHANDS_INSTANCE"] += f"-{number}"
    port = told.get("MANYHANDS_PORT", "")
    if port.isdecimal() and int(port):
        told["MANYHANDS_PORT"] = str(int(port) + number)
    return told


async def _one_ends(over: asyncio.Event, processes: Sequence[Process]) -> None:
    """Return when told to stop, or when the first process ends."""
    ends = [asyncio.create_task(over.wait()), *(asyncio.create_task(process.wait()) for process in processes)]
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for end in ends:
            end.cancel()


async def _ended(process: Process) -> int:
    """Have the process end, and return its exit code."""
    with suppress(ProcessLookupError):  # it has ended by itself
        process.terminate()
    try:
        return await asyncio.wait_for(process.wait(), STOP_S)
    except TimeoutError:
        process.kill()
        return await process.wait()
