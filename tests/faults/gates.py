"""Gateways as real processes under load, to be killed and cut off from the log, and what must be so afterwards."""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from random import Random

import asyncpg
import orjson
import psutil

from events import topics
from projections.record import leaf
from services.gateway.cloudevents import Mode
from services.gateway.parts import opened
from services.ops.lag import lags
from services.ops.local import Kafka
from services.runtime import log
from services.runtime.settings import Settings
from tests.faults.callers import Caller, Doors, Said
from tests.faults.workers import ROOT, Worker, _environment
from tests.support import doors
from tests.support.admitting import CLINIC, found
from tests.support.wait import until

SOUND, EAGER = "services.gateway", "tests.faults.eager"
#: Who calls: so many systems of each kind.
MANY = {Mode.STRUCTURED: 10, Mode.BATCH: 2, Mode.STREAM: 2}
#: Gateways that start while another one is called.
STANDING_BY = 2
#: Events that each caller is told of as kept before the next fault, and again after it.
BUSY = 3
ALIVE = "select id::text, outcome, copies from rm_referral_v8_a.timeline"


@dataclass
class Gate(Worker):
    """One gateway."""

    address: str = ""

    async def listens(self) -> bool:
        """Say whether it is ready for callers, and note where it is."""
        if not await self.ready():
            return False
        [file] = (self.home / "run").glob(f"*-{self.process.pid}.json")
        self.address = f"http://127.0.0.1:{orjson.loads(file.read_bytes())['api']}"
        return True

    def memory(self) -> int:
        """Return the bytes that it holds."""
        return int(psutil.Process(self.process.pid).memory_info().rss)


@dataclass
class Yard:
    """A deployment with gateways in front, and the systems that call them."""

    settings: Settings
    bearer: str
    random: Random
    doors: Doors
    #: Everybody who ever called, and those who do just now.
    callers: list[Caller] = field(default_factory=list)
    present: list[Caller] = field(default_factory=list)

    @asynccontextmanager
    async def gate(self, module: str = SOUND) -> AsyncIterator[Gate]:
        """Run a gateway while the block runs, at first unknown to the callers; what is left of it is killed."""
        with (self.settings.home / "gates.log").open("ab") as output:
            environment = _environment(self.settings, {})
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", module, env=environment, stdout=output, stderr=output, cwd=ROOT
            )
        gate = Gate(process, self.settings.home)
        try:
            yield gate
        finally:
            await gate.kill()

    async def opened(self, gate: Gate) -> None:
        """Let the callers know of the gateway once it listens."""
        await until(gate.listens, 60, "the gateway listens")
        self.doors.addresses.append(gate.address)

    async def kill(self, gate: Gate) -> None:
        """Kill the gateway in the middle of whatever it does."""
        gate.process.kill()
        self.doors.addresses.remove(gate.address)
        await gate.process.wait()

    @asynccontextmanager
    async def calling(self) -> AsyncIterator[None]:
        """Have the systems call while the block runs; at its end each goes on until all it said is kept."""
        begun = len(self.callers)
        self.present = [
            Caller(f"{mode.name.lower()}-{begun}-{number}", mode, self.bearer, self.doors)
            for mode, many in MANY.items()
            for number in range(many)
        ]
        self.callers += self.present
        tasks = [asyncio.create_task(each.run()) for each in self.present]
        try:
            yield
            for each in self.present:
                each.leave()
            async with asyncio.timeout(60):
                await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def busy(self) -> None:
        """Wait until every caller was told of more events that are kept."""
        since = {each.name: each.kept for each in self.present}
        await until(lambda: all(each.kept >= since[each.name] + BUSY for each in self.present), 90, "all are served")

    async def troubled(self, patience: float) -> None:
        """Wait until every caller was told twice that the log is unavailable."""
        since = {each.name: each.unavailable for each in self.present}
        await until(
            lambda: all(each.unavailable > since[each.name] + 1 for each in self.present), patience, "all are told"
        )

    async def killed(self, times: int, module: str = SOUND) -> None:
        """Kill the gateway that is called, so many times at random moments, while the next ones stand by."""
        async with AsyncExitStack() as stack:
            coming = [await stack.enter_async_context(self.gate(module)) for _ in range(STANDING_BY)]
            gate = coming.pop(0)
            await self.opened(gate)
            async with self.calling():
                for _ in range(times):
                    coming.append(await stack.enter_async_context(self.gate(module)))
                    following = coming.pop(0)
                    await until(following.listens, 60)
                    await until(partial(self._past, self.kept + self.random.randrange(1, 100)), 60)
                    await self.kill(gate)
                    await self.opened(following)
                    gate = following

    async def cut_off(self, away: AbstractAsyncContextManager[None], module: str = SOUND, patience: float = 90) -> int:
        """Take the log away under load for as long as `away` does; return by how many bytes the gateway grew."""
        async with self.gate(module) as gate:
            await self.opened(gate)
            async with self.calling():
                await self.busy()
                held = gate.memory()
                async with away:
                    self.doors.dark = True
                    await self.troubled(patience)
                    grown = gate.memory() - held
                    self.doors.dark = False
                await self.busy()
        return grown

    @property
    def kept(self) -> int:
        """How many events the callers were told to be kept."""
        return sum(each.kept for each in self.callers)

    def _past(self, kept: int) -> bool:
        return self.kept >= kept

    async def complaints(self) -> list[str]:
        """Return what the callers were told that is not so, or not told as they should."""
        found = [complaint for each in self.callers for complaint in each.complaints]
        said = [each for caller in self.callers for each in caller.said]
        return [*found, *await self._unkept(said), *await self._misjudged(said)]

    async def _unkept(self, said: list[Said]) -> list[str]:
        """Compare what was told with the log."""
        copies: Counter[str] = Counter()
        leaves: set[str] = set()
        spans = await log.spans(self.settings, [topics.CASES])
        async for _, records in log.read(self.settings, spans):
            copies.update(orjson.loads(each.value or b"{}")["id"] for each in records)
            leaves |= {leaf(each).hex() for each in records}
        found = [f"{each.id} is not on the log" for each in said for event in each.events if not copies[event]]
        found += [f"the receipt of {each.id} is of no record" for each in said if each.receipts - leaves]
        once = [event for each in said if each.attempts == 1 for event in each.events]
        found += [f"{event} was sent once and stands {copies[event]} times" for event in once if copies[event] > 1]
        return found + [f"{each.id} has {len(each.events)} ids" for each in said if len(each.events) != 1]

    async def _misjudged(self, said: list[Said]) -> list[str]:
        """Compare what was told with what folding the log amounts to."""
        async with doors.folding(self.settings):
            await until(self._folded, 60, "the log is folded")
        connection = await asyncpg.connect(self.settings.postgres)
        try:
            rows = {row[0]: row[1:] for row in await connection.fetch(ALIVE)}
        finally:
            await connection.close()
        told = {event for each in said for event in each.events}
        found = [f"{event} was not applied" for event in told if rows.get(event, ("",))[0] != "applied"]
        return found + [f"{event} was never said" for event in rows.keys() - told]

    async def _folded(self) -> bool:
        stands = await lags(self.settings, ["referral"])
        return bool(stands) and not any(each.behind for each in stands)


@asynccontextmanager
async def frozen(kafka: Kafka) -> AsyncIterator[None]:
    """Keep the broker from doing anything while the block runs; its connections stay open."""
    pid = kafka.daemon.pid()
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@asynccontextmanager
async def stopped(kafka: Kafka) -> AsyncIterator[None]:
    """Have no broker while the block runs."""
    await asyncio.to_thread(kafka.stop, kill=True)
    try:
        yield
    finally:
        await asyncio.to_thread(kafka.start)


@asynccontextmanager
async def yard(settings: Settings, random: Random) -> AsyncIterator[Yard]:
    """Give a deployment whose partners may call."""
    await log.create_topics(settings)
    async with opened(settings) as parts:
        await found(parts.admission)
        bearer = await doors.token(parts, CLINIC)
    yield Yard(settings, bearer, random, Doors(Random(random.random())))
