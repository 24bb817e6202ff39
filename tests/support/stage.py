"""A topic, a database and processors on them, for tests of the live path."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import orjson
from aiokafka import TopicPartition

from events import topics
from events.catalogue import Event
from events.codec import write
from projections.projection import Projection
from projections.record import Partition
from services.runtime import log
from services.runtime.builds import schema_of
from services.runtime.processor import Processor
from services.runtime.settings import Settings
from tests.support.events import Told, ident
from tests.support.places import resident
from tests.support.toy import TOY
from tests.support.wait import until

#: Key, value and the partition they go to.
Sent = tuple[bytes | None, bytes | None, int]


def _story(client: str, count: int) -> list[Event]:
    """Return so many legal events about one client: its registration, then steps of its own referral."""
    say = Told(client=client, referral=ident(f"{client} referral"))
    first = [say("client.registered"), say("referral.requested")]
    return first + [say("referral.offer_accepted") for _ in range(count - len(first))]


@dataclass
class Stage:
    """Where a test plays: `sent` is what stands on the log, partition by partition."""

    settings: Settings
    projection: Projection = TOY
    sent: dict[int, list[Sent]] = field(default_factory=dict)

    @property
    def topic(self) -> str:
        return self.settings.topic(topics.CASES)

    @property
    def schema(self) -> str:
        return schema_of(self.projection, self.settings.build)

    async def publish(self, lines: Iterable[Sent]) -> None:
        """Append the records in order and return when the broker has them all."""
        producer = log.producer(self.settings)
        await producer.start()
        try:
            waiting = []
            for key, value, partition in lines:
                waiting.append(await producer.send(self.topic, value, key=key, partition=partition))
                self.sent.setdefault(partition, []).append((key, value, partition))
            await asyncio.gather(*waiting)
        finally:
            await producer.stop()

    def client(self, name: str, partition: int) -> str:
        """Return the id of the client of this name whose records belong in this partition."""
        return resident(name, partition, self.settings.count(topics.CASES))

    async def tell(self, partition: int, number: int, count: int) -> None:
        """Append so many legal events about the partition's client of this number."""
        await self.say(partition, _story(self.client(f"client {number}", partition), count))

    async def say(self, partition: int, events: Iterable[Event]) -> None:
        """Append these events to one partition."""
        await self.publish((event.partitionkey.encode(), write(event), partition) for event in events)

    def counts(self, partitions: Iterable[int] | None = None) -> dict[str, int]:
        """Count from what was sent to these partitions, and from nothing else, how often each referral was named."""
        found: Counter[str] = Counter()
        wanted = self.sent if partitions is None else partitions
        for _, value, _ in (each for partition in wanted for each in self.sent[partition]):
            event = _parsed(value)
            if event.get("type", "").startswith("org.manyhands.referral."):
                found[event["subject"]] += 1
        return dict(found)

    async def tallies(self) -> dict[str, int]:
        """Return the same as the tables have it."""
        return {str(row["id"]): row["count"] for row in await self.rows("select id, count from referral")}

    async def rows(self, query: str) -> list[Any]:
        """Ask the build's schema."""
        connection = await asyncpg.connect(self.settings.postgres)
        try:
            await connection.execute(f"set search_path = {self.schema}")
            return list(await connection.fetch(query))
        finally:
            await connection.close()

    async def positions(self) -> dict[int, int]:
        """Return the next offset of each partition that was folded."""
        return {row[0]: row[1] for row in await self.rows("select partition, next_offset from position")}

    async def caught_up(self, partitions: Sequence[int] | None = None, timeout: float = 30) -> None:
        """Wait until these partitions, else all, are folded to their ends."""
        wanted = self.sent.keys() if partitions is None else partitions
        spans = await log.spans(self.settings, [topics.CASES])
        ends = {number: spans[Partition(self.topic, number)][1] for number in wanted}

        async def there() -> bool:
            stands = await self.positions()
            return all(stands.get(number, 0) == end for number, end in ends.items() if end)

        await until(there, timeout)

    async def recreate(self) -> None:
        """Delete the topic and make it anew, empty."""
        async with log.admin(self.settings) as client:
            await client.delete_topics([self.topic])

            async def gone() -> bool:
                return self.topic not in await client.list_topics()

            await until(gone)
        self.sent.clear()
        await log.create_topics(self.settings, [topics.CASES])

    async def mirrored(self, group: str) -> dict[int, int]:
        """Return what Kafka was told of the group's positions."""
        async with log.admin(self.settings) as client:
            found = await client.list_consumer_group_offsets(group)
        return {tp.partition: entry.offset for tp, entry in found.items() if isinstance(tp, TopicPartition)}

    @asynccontextmanager
    async def running(self, processor: Processor | None = None, code: int = 0) -> AsyncIterator[Processor]:
        """Run a processor while the block runs; it must end with this exit code."""
        chosen = processor or Processor(self.projection, self.settings)
        task = asyncio.create_task(chosen.run())
        try:
            await until(lambda: task.done() or _stands(chosen))
            yield chosen
        finally:
            chosen.stop()
            ended = await asyncio.wait_for(task, 30)
        assert ended == code


def _stands(processor: Processor) -> bool:
    health = processor.health()
    return health.ready or bool(health.stopped)


def _parsed(value: bytes | None) -> dict[str, Any]:
    try:
        found = orjson.loads(value or b"null")
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


async def probe(settings: Settings, path: str) -> tuple[int, bytes]:
    """Ask the one processor of this home over HTTP."""
    (file,) = (Path(settings.home) / "run").glob("*.json")
    port = orjson.loads(file.read_bytes())["port"]
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as response:
        return response.status, await response.read()
