"""Everything up for one command: servers, topics, what is kept, and the processors; all of it stopped after."""

import asyncio
import os
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from services.ops import local
from services.ops.child import processors
from services.runtime.log import create_topics
from services.runtime.settings import Settings
from services.runtime.store import upgrade

Report = Callable[[str], None]
PROCESSORS = ("referral", "measurement", "notifications", "disclosure")
#: What runs beside them where one machine does everything.
BESIDE = ("gateway", "admission", "referral.timekeeper")


@dataclass(frozen=True)
class Stage:
    """A running deployment: where it is, and its processors by name."""

    settings: Settings
    processors: dict[str, Process]


@asynccontextmanager
async def staged(home: Path, report: Report, *more: str) -> AsyncIterator[Stage]:
    """Give a deployment that is whole and running in `home`, with `more` services beside the processors.

    Servers that MANYHANDS_KAFKA and MANYHANDS_POSTGRES name are used; embedded ones that ran before go on after.
    """
    async with _servers(home, report) as settings:
        report("making topics and tables")
        await create_topics(settings)
        await upgrade(settings.postgres)
        report("starting the processors")
        async with processors(settings, (*PROCESSORS, *more)) as children:
            yield Stage(settings, children)


@asynccontextmanager
async def _servers(home: Path, report: Report) -> AsyncIterator[Settings]:
    if os.environ.get("MANYHANDS_KAFKA") and os.environ.get("MANYHANDS_POSTGRES"):
        yield replace(Settings.from_env(), home=home)
        return
    ran = all(server.running for server in local.status(home))
    servers = await asyncio.to_thread(local.up, home, report)
    named = {"MANYHANDS_HOME": str(home), "MANYHANDS_KAFKA": servers.kafka, "MANYHANDS_POSTGRES": servers.postgres}
    try:
        yield Settings.from_env({**os.environ, **named})
    finally:
        if not ran:
            report("stopping")
            await asyncio.to_thread(local.down, home)
