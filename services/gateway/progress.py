"""How far a projection has come, against what a caller wrote and against the end of its log."""

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from events.topics import CASES, DISCLOSURES, Topic
from services.admission.directory import LogAway
from services.admission.publish import AWAY, At
from services.gateway.store import SNAPSHOT, Keep, Transaction
from services.runtime.log import reader
from services.runtime.placement import placement
from services.runtime.settings import Settings

#: Seconds that a reading waits to see what its token asks for, and between two looks.
BUDGET, LOOK_S = 2.0, 0.01
#: Seconds for the log to say where it ends.
PATIENCE = 3.0
PROJECTION = "referral"


class Followed(NamedTuple):
    """A projection, the topic that it folds, and the statement that says how far."""

    projection: str
    topic: Topic
    positions: str


REFERRALS = Followed(PROJECTION, CASES, "positions")
ACCOUNTS = Followed("disclosure", DISCLOSURES, "disclosed")


def now() -> datetime:
    """Return this moment."""
    return datetime.now(UTC)


class Progress:
    """Compares the positions of one projection with its log."""

    def __init__(self, settings: Settings, keep: Keep, followed: Followed = REFERRALS, budget: float = BUDGET) -> None:
        self._positions_of = followed.positions
        self._topic = settings.topic(followed.topic)
        self._keep = keep
        self._settings = settings
        self._budget = budget
        self._home: Callable[[bytes], int] = placement(settings.count(followed.topic))
        self._open = AsyncExitStack()
        self._consumer: AIOKafkaConsumer | None = None
        self._asking = asyncio.Lock()
        self._clock = time.monotonic
        self._looking = asyncio.Lock()
        self._looked_at = float("-inf")
        self._folded: dict[tuple[str, int], int] = {}

    async def close(self) -> None:
        """Let go of the broker."""
        self._consumer = None
        await self._open.aclose()

    async def behind(self, transaction: Transaction, at: At | None) -> int:
        """Return how many records the snapshot is short of having folded the one at this place."""
        if at is None or at.topic != self._topic:
            return 0
        row = await transaction.one(SNAPSHOT, "position", at.topic, at.partition)
        return max(0, at.offset + 1 - (row["next_offset"] if row else 0))

    async def reach(self, at: At) -> bool:
        """Wait until the record at this place is folded, for as long as the budget; say whether it is.

        Raises Away when PostgreSQL does not answer.
        """
        if at.topic != self._topic:
            return True
        until = self._clock() + self._budget
        while (await self._positions()).get(at[:2], 0) <= at.offset:
            if self._clock() >= until:
                return False
            await asyncio.sleep(LOOK_S)
        return True

    async def _positions(self) -> dict[tuple[str, int], int]:
        """Return how far partitions were folded a moment ago: one question, however many wait."""
        async with self._looking:
            if self._clock() - self._looked_at >= LOOK_S:
                rows = await self._keep.fetch(SNAPSHOT, self._positions_of)
                self._folded = {(row["topic"], row["partition"]): row["next_offset"] for row in rows}
                self._looked_at = self._clock()
            return self._folded

    async def last(self, client: str) -> At | None:
        """Return where the last record stands now in the client's partition of the log, None in an empty one.

        Raises LogAway when Kafka does not say.
        """
        partition = TopicPartition(self._topic, self._home(client.encode()))
        try:
            async with asyncio.timeout(PATIENCE), self._asking:
                ends = await (await self._connected()).end_offsets([partition])
        except AWAY as error:
            raise LogAway(type(error).__name__) from None
        end = int(ends[partition])
        return At(partition.topic, partition.partition, end - 1) if end else None

    async def _connected(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            self._consumer = await self._open.enter_async_context(reader(self._settings))
        return self._consumer
