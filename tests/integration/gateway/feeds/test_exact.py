"""Every reader is told everything once, whatever is killed, restarted or switched meanwhile."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from random import Random

import orjson
import pytest

from projections.communication import COMMUNICATION
from services.gateway.parts import Parts
from services.ops.stock import named
from services.ops.switching import switch
from services.runtime.roles import Role
from services.runtime.store import connect
from tests.faults.workers import Worker, placed, worker
from tests.integration.gateway.feeds.telling import refer, whole, wrong
from tests.support import doors, reading
from tests.support.admitting import SHELTER
from tests.support.following import Reader, door, follow
from tests.support.wait import until

NOTIFICATIONS, GATEWAY = "services.notifications", "services.gateway"
SEEDS = range(1, 1 + int(os.environ.get("MANYHANDS_SOAK", "1")))
pytestmark = pytest.mark.faults


@dataclass
class Place:
    """Where everything is at the moment; it moves as processes are killed."""

    parts: Parts
    bearer: str
    port: int = 0
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    running: dict[str, Worker] = field(default_factory=dict)

    async def start(self, kind: str, build: str = "a") -> None:
        """Run a processor or the gateway, in the place of one that was killed."""
        found = await self.stack.enter_async_context(worker(self.parts.settings, kind, build=build))
        self.running[kind + build] = found
        await placed(found)
        if kind == GATEWAY:
            text = (self.parts.settings.home / "run" / f"gateway-{found.process.pid}.json").read_bytes()
            self.port = orjson.loads(text)["api"]

    async def again(self, kind: str, build: str = "a") -> None:
        await self.running[kind + build].kill()
        await self.start(kind, build)

    async def switched(self, build: str) -> None:
        """Serve another build, which catches up first."""
        settings = self.parts.settings
        async with await connect(settings.postgres, application="test", role=Role.OPERATOR, size=2) as pool:
            await switch(pool, COMMUNICATION, named(COMMUNICATION, build), 20)


@pytest.fixture
async def place(parts: Parts) -> AsyncIterator[Place]:
    await reading.prepared(parts)
    found = Place(parts, await doors.token(parts, SHELTER))
    async with found.stack:
        await found.start(NOTIFICATIONS)
        await found.start(NOTIFICATIONS, "b")
        await found.start(GATEWAY)
        yield found


@asynccontextmanager
async def persistent(place: Place, reader: Reader, random: Random, *, forgets: bool = False) -> AsyncIterator[None]:
    """Have a reader come back again and again, from where it was unless it forgets."""
    task = asyncio.create_task(_returning(place, reader, random, forgets=forgets))
    try:
        await until(lambda: reader.last or task.done())
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _returning(place: Place, reader: Reader, random: Random, *, forgets: bool) -> None:
    while True:
        async with door(place.port, place.bearer) as client:
            with suppress(TimeoutError):
                await asyncio.wait_for(follow(client, reader), random.uniform(0.1, 2))
        if forgets:
            reader.last = ""
        # A gateway that is away is not asked in a circle without pause.
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("seed", SEEDS)
async def test_everybody_is_told_everything_once(place: Place, seed: int) -> None:
    random, readers, forgetful = Random(seed), [Reader() for _ in range(4)], Reader()
    troubles: list[Callable[[], Awaitable[None]]] = [
        lambda: place.again(NOTIFICATIONS),
        lambda: place.again(GATEWAY),
        lambda: place.switched("b"),
        lambda: place.again(NOTIFICATIONS, "b"),
        lambda: place.switched("a"),
        lambda: place.again(GATEWAY),
    ]
    told = 0
    async with AsyncExitStack() as stack:
        for each in readers:
            await stack.enter_async_context(persistent(place, each, Random(random.random())))
        await stack.enter_async_context(persistent(place, forgetful, Random(seed), forgets=True))
        for trouble in troubles:
            names = [f"n{told + each}" for each in range(random.randrange(5, 15))]
            told += len(names)
            await asyncio.gather(trouble(), *(refer(place.parts, name) for name in names))
        await until(lambda: all(len(each.entries) >= told for each in readers), 60)
        expected = await whole(place.parts.keep)
    assert len(expected) == told
    assert [wrong(each.events, expected) for each in readers] == [[]] * len(readers)
    assert wrong(forgetful.events, expected), "a reader that forgets where it was must miss something here"
