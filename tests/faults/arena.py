"""A topic, a database and a log that grows, and what must be so afterwards."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import count

import asyncpg
from aiokafka import AIOKafkaProducer

from events import topics
from projections.comparison import compare
from projections.projection import Projection
from projections.projector import Projector
from projections.record import Partition
from projections.referral import REFERRAL
from projections.store import PostgresStore, Snapshot, create_schema
from services.runtime import log
from services.runtime.builds import schema_of
from services.runtime.placement import placement
from services.runtime.settings import Settings
from tests.faults.checks import CHECKS
from tests.faults.traffic import Sent, Traffic
from tests.oracle.reading import Raw
from tests.oracle.telling import Telling
from tests.support import schemas
from tests.support.wait import until

Log = dict[int, list[Raw]]
#: Seconds between two lots of a load that goes on for as long as a fault takes.
PAUSE_S = 0.05
_scratch = count()


@dataclass
class Arena:
    """Where a fault happens; `traffic` says what comes next on the log."""

    settings: Settings
    traffic: Traffic
    #: What folds the log here; `of` gives the same place to another one.
    projection: Projection = REFERRAL
    #: Partitions whose log is no longer the one that was folded, as it stood before.
    before: Log = field(default_factory=dict)

    @property
    def topic(self) -> str:
        return self.settings.topic(topics.CASES)

    @property
    def partitions(self) -> range:
        return range(self.settings.count(topics.CASES))

    @property
    def schema(self) -> str:
        return schema_of(self.projection, self.settings.build)

    def of(self, projection: Projection) -> "Arena":
        """Return the same log, as this projection folds it."""
        return replace(self, projection=projection)

    async def say(self, records: int) -> None:
        """Let so many more records stand on the log."""
        await self.publish(self.traffic.take(records))

    async def publish(self, lines: Iterable[Sent]) -> None:
        """Append these records, and return when the broker has them."""
        async with self._producer() as producer:
            await _told(producer, self.topic, lines)

    @asynccontextmanager
    async def load(self, rate: int) -> AsyncIterator[None]:
        """Keep telling about so many records a second while the block runs."""
        task = asyncio.create_task(self._tell(max(1, round(rate * PAUSE_S))))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _tell(self, lot: int) -> None:
        async with self._producer() as producer:
            while True:
                await _told(producer, self.topic, self.traffic.take(lot))
                await asyncio.sleep(PAUSE_S)

    @asynccontextmanager
    async def _producer(self) -> AsyncIterator[AIOKafkaProducer]:
        producer = log.producer(self.settings)
        await producer.start()
        try:
            yield producer
        finally:
            await producer.stop()

    async def ends(self) -> dict[int, int]:
        """Return the end offset of each partition."""
        spans = await log.spans(self.settings, [topics.CASES])
        return {of.number: end for of, (_, end) in spans.items()}

    async def recreate(self) -> None:
        """Delete the topic and make it anew, empty."""
        async with log.admin(self.settings) as client:
            await client.delete_topics([self.topic])

            async def gone() -> bool:
                return self.topic not in await client.list_topics()

            await until(gone)
        await log.create_topics(self.settings, [topics.CASES])

    async def positions(self) -> dict[int, int]:
        """Return the next offset of each partition that was folded; nothing while there is no schema."""
        async with self._connection() as connection:
            if not await connection.fetchval("select to_regclass('position')"):
                return {}
            rows = await connection.fetch("select partition, next_offset from position")
        return {row[0]: row[1] for row in rows}

    async def folded(self) -> int:
        """Return how many records are folded in all."""
        return sum((await self.positions()).values())

    async def caught_up(self, but: Collection[int] = (), timeout: float = 60) -> None:
        """Wait until every partition is folded to its end, but for these."""
        ends = {number: end for number, end in (await self.ends()).items() if end and number not in but}

        async def there() -> bool:
            stands = await self.positions()
            return all(stands.get(number, 0) >= end for number, end in ends.items())

        await until(there, timeout, f"folded to {ends}")

    async def read(self) -> Log:
        """Return every record of the log, partition by partition."""
        found: Log = {number: [] for number in self.partitions}
        spans = await log.spans(self.settings, [topics.CASES])
        async for of, records in log.read(self.settings, spans):
            found[of.number] += [
                Raw(of.number, each.offset, each.timestamp, each.key, each.value, tuple(each.headers))
                for each in records
            ]
        return found

    async def complaints(self) -> list[str]:
        """Return what the tables hold otherwise than the log up to where they stand, told apart from the pipeline."""
        found, stands = (await self.read()) | self.before, await self.positions()
        expected = Telling(self.topic, len(self.partitions))
        for number, records in found.items():
            expected.fold(each for each in records if each.offset < stands.get(number, 0))
        async with self._connection() as connection:
            return await CHECKS[self.projection.name](expected, connection)

    async def folds_differ(self, *sizes: int) -> list[str]:
        """Fold the log anew by batches of these sizes; return where a dump is not the served one's."""
        found = await self.read()
        async with schemas.pooled(self.settings.postgres, 8) as pool:
            names = [await self._refolded(pool, found, size) for size in sizes]
            async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read"):
                served = Snapshot(connection, self.schema)
                compared = [await compare(served, Snapshot(connection, name), self.projection) for name in names]
        return [
            f"by {size}: {each.differences}" for size, each in zip(sizes, compared, strict=True) if each.differences
        ]

    async def _refolded(self, pool: "asyncpg.Pool[asyncpg.Record]", found: Log, size: int) -> str:
        schema = f"rm_scratch_{next(_scratch)}"
        async with pool.acquire() as connection:
            await create_schema(connection, self.projection, schema, unlogged=True)
        projector = Projector(
            self.projection, PostgresStore(pool, self.projection, schema), placement(len(self.partitions))
        )

        async def fold(number: int, records: list[Raw]) -> None:
            for at in range(0, len(records), size):
                await projector.project(Partition(self.topic, number), records[at].offset, records[at : at + size])

        await asyncio.gather(*(fold(*each) for each in found.items()))
        return schema

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        connection = await asyncpg.connect(self.settings.postgres, server_settings={"search_path": self.schema})
        try:
            yield connection
        finally:
            await connection.close()


async def _told(producer: AIOKafkaProducer, topic: str, lines: Iterable[Sent]) -> None:
    waiting = [await producer.send(topic, value, key=key, partition=number) for key, value, number in lines]
    await asyncio.gather(*waiting)
