"""The HTTP door as it is run in production: a gateway in a process of its own, with a partner's token to speak by."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
import orjson

from bench.admission import begin
from bench.child import EngineFailed
from bench.engine import Job
from bench.process import service
from bench.rows import INITIATIVE, SENDER
from services.gateway.access import Action
from services.gateway.parts import opened
from services.gateway.tokens import Holder
from services.runtime.log import create_topics

#: Seconds until it must listen, and between two looks.
START_S, LOOK_S = 60.0, 0.02
#: Nobody is told to come back later: what is measured is how fast it goes.
FREE = {"GATEWAY_PORT": "0", "LIMIT_CALLER": "0", "LIMIT_ADDRESS": "0"}


@dataclass(frozen=True)
class Front:
    """Where the door is, what to show there, a service to refer to, and a folder to put files in."""

    address: str
    bearer: str
    service: str
    folder: Path


@asynccontextmanager
async def front(job: Job, *, folding: bool) -> AsyncIterator[Front]:
    """Give a door to an initiative of two partners; `folding` runs the referral processor behind it."""
    with tempfile.TemporaryDirectory() as folder:
        own = replace(job, home=folder)
        await create_topics(own.settings)
        async with opened(own.settings) as parts:
            offered = await begin(parts.admission)
            holder = Holder(INITIATIVE, SENDER, None, frozenset({Action.EVENT_POST.value}))
            bearer = (await parts.tokens.issue(holder)).text
        async with AsyncExitStack() as stack:
            if folding:
                await stack.enter_async_context(service(own, "referral"))
            gateway = await stack.enter_async_context(service(own, "gateway", **FREE))
            yield Front(await _listening(gateway, Path(folder)), bearer, offered, Path(folder))


async def _listening(gateway: asyncio.subprocess.Process, home: Path) -> str:
    """Return the gateway's address once it answers there."""
    file = home / "run" / f"gateway-{gateway.pid}.json"
    async with asyncio.timeout(START_S):
        while not file.exists():
            if gateway.returncode is not None:
                raise EngineFailed(f"the gateway ended with {gateway.returncode}")
            await asyncio.sleep(LOOK_S)
        address = f"http://127.0.0.1:{orjson.loads(file.read_bytes())['api']}"
        # The port is open before the servers behind are reached; until then nothing is answered.
        async with aiohttp.ClientSession() as session, session.get(f"{address}/v1/codes") as answer:
            await answer.read()
    return address
