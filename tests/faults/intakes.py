"""Partners that write without end into their inboxes, intakes that are killed, and what must be so afterwards."""

import asyncio
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from random import Random

import asyncpg
import orjson
from aiokafka import AIOKafkaProducer

from events import topics
from services.admission.inbox import InboxStore
from services.ops.local import Kafka
from services.runtime import log
from services.runtime.settings import Settings
from tests.faults.workers import ROOT, Worker, _environment
from tests.support.admitting import CLINIC, SHELTER, consent, offer, requested, riverbend, said
from tests.support.events import INITIATIVE
from tests.support.wait import until

SOUND, HASTY = "services.admission", "tests.faults.hasty"
PARTNERS = (CLINIC, SHELTER)
#: What is written that is no event, and why it is turned away.
GARBAGE = {b"\xff": "not-json", b"{": "not-json", b"x" * 300_000: "too-large", b"[" * 40: "too-deep"}
#: Intakes that have started, or are starting, when the one that reads is killed.
STANDING_BY = 1
#: The most rows on their way between writer and intake: enough to be busy, little enough to be done with soon.
AHEAD = 1500


@dataclass
class Letters:
    """Says one row after another for a partner, the same for the same seed."""

    random: Random
    number: int = 0

    def next(self) -> bytes:
        """Return the next row: of a person's story, whose every event has an id of its own, or garbage."""
        self.number += 1
        person, step = divmod(self.number, 6)
        who, case = f"own:{person}", f"own:case-{person}"
        told = [
            lambda: said("client.registered", f"c{person}", {}, client=who),
            lambda: consent(f"g{person}", who, consent_id=f"own:{person}"),
            lambda: requested(f"r{person}", case, who),
            lambda: offer(f"o{person}", case, consent_id=f"own:{person}"),
            lambda: said("referral.requested", "", {}),
            lambda: self.random.choice([*GARBAGE]),
        ]
        return told[step]()


@dataclass
class Yard:
    """A deployment whose partners have inboxes."""

    settings: Settings
    pool: "asyncpg.Pool[asyncpg.Record]"
    random: Random
    _ahead: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PARTNERS, 0))

    def topic(self, partner: str) -> str:
        return self.settings.topic(topics.inbox(partner))

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """Let both partners write while the block runs, never far ahead of what is decided."""
        tasks = [asyncio.create_task(self._write(partner)) for partner in PARTNERS]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    async def _write(self, partner: str) -> None:
        letters = Letters(Random(f"{self.random.random()}"))
        # A retry that is not noticed would be another record of the inbox, with a decision of its own.
        producer = AIOKafkaProducer(bootstrap_servers=self.settings.kafka, acks="all", enable_idempotence=True)
        await producer.start()
        try:
            while True:
                if self._ahead[partner] < await self.decided(partner) + AHEAD:
                    for sent in [await producer.send(self.topic(partner), letters.next()) for _ in range(100)]:
                        self._ahead[partner] = (await sent).offset
                await asyncio.sleep(0.02)
        finally:
            await producer.stop()

    async def decided(self, partner: str | None = None) -> int:
        """Return how many records are decided, of one partner or all."""
        query = "select coalesce(sum(next_offset), 0) from keep.inbox where $1::text is null or partner = $1"
        return int(await self.pool.fetchval(query, partner))

    async def ends(self) -> dict[str, int]:
        """Return how many records each partner wrote."""
        spans = await log.spans(self.settings, [topics.inbox(partner) for partner in PARTNERS])
        return {partner: end for partner, (_, end) in zip(PARTNERS, spans.values(), strict=True)}

    async def caught_up(self) -> None:
        """Wait until everything is decided and published."""
        ends = sum((await self.ends()).values())

        async def done() -> bool:
            if await self.decided() < ends:
                return False
            # Asked afterwards: the last to be decided is the last to be published.
            return not await self.pool.fetchval("select count(*) from keep.decision where value is not null")

        await until(done, 60)

    @asynccontextmanager
    async def intake(self, module: str) -> AsyncIterator[Worker]:
        """Run an intake while the block runs; whatever is left of it afterwards is killed."""
        with (self.settings.home / "intakes.log").open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                module,
                env=_environment(self.settings, {}),
                stdout=output,
                stderr=output,
                cwd=ROOT,
            )
        found = Worker(process, self.settings.home)
        try:
            yield found
        finally:
            await found.kill()

    async def killed(self, times: int, module: str = SOUND) -> None:
        """Kill whoever reads, so many times at random moments, while the next ones stand by."""
        async with AsyncExitStack() as stack:
            reading = await stack.enter_async_context(self.intake(module))
            coming = [await stack.enter_async_context(self.intake(module)) for _ in range(STANDING_BY)]
            async with self.writing():
                for _ in range(times):
                    coming.append(await stack.enter_async_context(self.intake(module)))
                    before = await self.decided() + self.random.randrange(1, 400)
                    await until(partial(self._past, before), 60)
                    await asyncio.sleep(self.random.random() * 0.1)
                    await reading.kill()
                    found = await until(partial(self._reading, coming), 60)
                    assert found is not None
                    reading = found
                    coming.remove(reading)
            await self.caught_up()

    async def frozen(self) -> None:
        """Freeze whoever reads under load until another does, and let it go on."""
        async with self.intake(SOUND) as one, self.intake(SOUND) as other:
            first = await until(partial(self._reading, [one, other]), 60)
            assert first is not None
            async with self.writing():
                await until(partial(self._past, 500), 60)
                first.freeze()
                await until(partial(self._reading, [one if first is other else other]), 60)
                await until(partial(self._past, await self.decided() + 500), 60)
                first.thaw()
                await until(partial(self._past, await self.decided() + 500), 60)
            await self.caught_up()

    async def cut_off(self, broker: Kafka) -> None:
        """Kill the broker under load and bring it back; the intake goes on by itself."""
        async with self.intake(SOUND):
            async with self.writing():
                await until(partial(self._past, 300), 60)
                await asyncio.to_thread(broker.restart, kill=True)
                await until(partial(self._past, await self.decided() + 500), 90)
            await self.caught_up()

    async def _reading(self, intakes: Sequence[Worker]) -> Worker | None:
        """Return the first that holds every inbox."""
        for each in intakes:
            if await each.owns(len(PARTNERS)):
                return each
        return None

    async def _past(self, count: int) -> bool:
        return await self.decided() >= count

    async def complaints(self) -> list[str]:
        """Return what is not as it must be: records decided never or twice, events that differ from their decision."""
        return [*await self._undecided(), *await self._differing()]

    async def _undecided(self) -> list[str]:
        found: list[str] = []
        for partner, end in (await self.ends()).items():
            rows = await self.pool.fetch(
                "select record_offset, code, event from keep.decision where partner = $1 order by record_offset",
                partner,
            )
            if [row["record_offset"] for row in rows] != list(range(end)):
                found.append(f"{partner}: not every record was decided once")
            wrong = {row["code"] for row in rows if row["event"] is None} - set(GARBAGE.values()) - {"invalid-value"}
            found += [f"{partner}: garbage was turned away as {code}" for code in wrong]
        return found

    async def _differing(self) -> list[str]:
        """Compare every copy of an event on the log with the first, and each decision with the place it names."""
        copies: dict[str, set[tuple[bytes | None, bytes | None, bytes]]] = defaultdict(set)
        places: dict[tuple[str, int, int], str] = {}
        spans = await log.spans(self.settings, [topics.CASES])
        async for of, records in log.read(self.settings, spans):
            for each in records:
                event = orjson.loads(each.value or b"{}")
                copies[event["id"]].add((each.key, each.value, dict(each.headers)["salt"]))
                places[of.topic, of.number, each.offset] = event["id"]
        found = [
            f"{event} stands on the log in {len(kinds)} forms" for event, kinds in copies.items() if len(kinds) > 1
        ]
        rows = await self.pool.fetch(
            "select event::text as event, log_partition, log_offset from keep.decision where code is null"
        )
        name = self.settings.topic(topics.CASES)
        found += [
            f"{row['event']} is not where its decision says"
            for row in rows
            if places.get((name, row["log_partition"], row["log_offset"])) != row["event"]
        ]
        unknown = copies.keys() - {row["event"] for row in rows}
        return found + [f"{event} was never decided" for event in unknown]


@asynccontextmanager
async def yard(settings: Settings, random: Random) -> AsyncIterator[Yard]:
    """Give a deployment of two partners with inboxes."""
    await log.create_topics(settings)
    async with riverbend(settings):
        pass
    boxes = [topics.inbox(partner) for partner in PARTNERS]
    await log.create_topics(settings, boxes)
    async with asyncpg.create_pool(settings.postgres, min_size=1, max_size=4) as pool:
        named = [(partner, settings.topic(box)) for partner, box in zip(PARTNERS, boxes, strict=True)]
        await InboxStore(pool).make(INITIATIVE, named)
        yield Yard(settings, pool, random)
