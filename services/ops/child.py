"""Processors as child processes: ready when the block begins, stopped when it ends."""

import asyncio
import os
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import aiohttp
import orjson

from services.ops.errors import ProcessorDied
from services.runtime.health import HOST
from services.runtime.settings import Settings

#: Seconds between two looks at whether it is ready, and before it is killed when it does not stop.
LOOK_S, STOP_S = 0.05, 20.0


@asynccontextmanager
async def processors(settings: Settings, services: Iterable[str]) -> AsyncIterator[dict[str, Process]]:
    """Run `services.<service>` of each name while the block runs, logging to logs/<service>.log.

    Raises ProcessorDied when one ends before it is ready.
    """
    children: dict[str, Process] = {}
    try:
        for service in services:
            children[service] = await _started(settings, service)
        await asyncio.gather(*(_ready(settings, child, service) for service, child in children.items()))
        yield children
    finally:
        await asyncio.gather(*map(_stopped, children.values()))


async def _started(settings: Settings, service: str) -> Process:
    logs = settings.home / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    with (logs / f"{service}.log").open("ab") as log:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", f"services.{service}", env=_environment(settings), stdout=log, stderr=log
        )


def _environment(settings: Settings) -> dict[str, str]:
    """Return what the child reads, so that it works for the same deployment as we do."""
    return {
        **os.environ,
        "MANYHANDS_HOME": str(settings.home),
        "MANYHANDS_KAFKA": settings.kafka,
        "MANYHANDS_POSTGRES": settings.postgres,
    }


async def _ready(settings: Settings, child: Process, service: str) -> None:
    timeout = aiohttp.ClientTimeout(2)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        while not await _answers(session, settings, child):
            if child.returncode is not None:
                raise ProcessorDied(f"{service}, with exit code {child.returncode}: see logs/{service}.log")
            await asyncio.sleep(LOOK_S)


async def _answers(session: aiohttp.ClientSession, settings: Settings, child: Process) -> bool:
    files = list((settings.home / "run").glob(f"*-{child.pid}.json"))
    try:
        port = int(orjson.loads(files[0].read_bytes())["port"])
        async with session.get(f"http://{HOST}:{port}/readyz") as response:
            return response.status == 200
    except (IndexError, ValueError, OSError, TimeoutError, aiohttp.ClientError):
        return False


async def _stopped(child: Process) -> None:
    if child.returncode is not None:
        return
    child.terminate()
    try:
        await asyncio.wait_for(child.wait(), STOP_S)
    except TimeoutError:
        child.kill()
        await child.wait()
