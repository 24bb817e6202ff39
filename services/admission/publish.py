"""Putting events on the log: acknowledged means kept, and silence is told apart from success.

Records go out as one batch for each partition of a chunk, which costs a fraction of sending them singly.
An idempotent producer never gives a batch up by itself, so every wait here has a deadline.
"""

import asyncio
import os
from collections.abc import Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass
from typing import NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, KafkaTimeoutError
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.structs import RecordMetadata

from events.topics import ALL, Topic
from projections.record import leaf
from services.runtime.log import producer
from services.runtime.placement import placement
from services.runtime.settings import Settings

#: Seconds without an acknowledgement after which the outcome is called unknown.
DEADLINE = 30.0
#: Bytes that may be on their way at once; the rest waits.
IN_FLIGHT = 16 << 20
SALT_BYTES = 16
#: Failures of the log, as opposed to mistakes of ours.
AWAY = (KafkaError, TimeoutError, OSError)


class Outgoing(NamedTuple):
    """An event as it will stand on the log."""

    topic: Topic
    key: str
    value: bytes
    #: Drawn when it is sent, unless it was settled before.
    salt: bytes | None = None


class At(NamedTuple):
    """Where an acknowledged event stands."""

    topic: str
    partition: int
    offset: int
    #: The record's hash as a leaf of the ledger's tree; None where it was not worked out.
    leaf: bytes | None = None


@dataclass(frozen=True, slots=True)
class _Kept:
    """A record as the broker keeps it."""

    offset: int
    timestamp: int
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes]]


class _Sent(NamedTuple):
    """A batch on its way, and which of the records it holds."""

    rows: list[int]
    salts: list[bytes]
    acknowledged: asyncio.Future[RecordMetadata]


class Publisher:
    """One producer, made anew after the broker refused it.  Every record gets a salt of its own."""

    def __init__(self, settings: Settings, deadline: float = DEADLINE, in_flight: int = IN_FLIGHT) -> None:
        self._settings = settings
        self._deadline = deadline
        self._room = _Room(in_flight)
        self._order = asyncio.Lock()
        self._producer: AIOKafkaProducer | None = None
        #: Producers that were given up and still let go of the broker.
        self._leaving: set[asyncio.Task[None]] = set()
        self._homes = {topic: placement(settings.count(topic)) for topic in ALL}

    async def close(self) -> None:
        """Wait for what is on its way, for as long as the deadline, and let go of the broker."""
        self._give_up(self._producer)
        if self._leaving:
            await asyncio.wait(self._leaving)

    def _give_up(self, used: AIOKafkaProducer | None) -> None:
        """Have this producer leave while others go on with a new one; nothing when it was given up before."""
        if used is None or used is not self._producer:
            return
        self._producer = None
        leaving = asyncio.create_task(self._left(used))
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)

    async def _left(self, used: AIOKafkaProducer) -> None:
        try:
            await asyncio.wait_for(used.stop(), self._deadline)
        except AWAY:
            await used.client.close()

    async def publish(self, outgoing: Sequence[Outgoing]) -> list[At | None]:
        """Publish in order and return where each record stands; None where the outcome is unknown.

        All of it takes no longer than the deadline.
        """
        until = asyncio.get_running_loop().time() + self._deadline
        places: list[At | None] = [None] * len(outgoing)
        sent: list[_Sent] = []
        failure: BaseException | None = None
        try:
            async with asyncio.timeout_at(until):
                await self._send_all(outgoing, sent)
        except AWAY as error:
            failure = error
        used = self._producer
        if sent:
            left = max(0.0, until - asyncio.get_running_loop().time())
            await asyncio.wait([each.acknowledged for each in sent], timeout=left)
        for each in sent:
            failure = _settle(each, outgoing, places) or failure
        if isinstance(failure, KafkaError) and not isinstance(failure, KafkaTimeoutError):
            self._give_up(used)
        return places

    async def _send_all(self, outgoing: Sequence[Outgoing], sent: list[_Sent]) -> None:
        """Hand everything to the producer, one caller after the other so that no two chunks change places."""
        async with self._order:
            running = await self._running()
            for (topic, partition), rows in self._grouped(outgoing).items():
                waiting = list(rows)
                while waiting:
                    batch, salts = _packed(running, outgoing, waiting)
                    acknowledged = await self._handed(running, batch, topic, partition)
                    sent.append(_Sent(waiting[: len(salts)], salts, acknowledged))
                    waiting = waiting[len(salts) :]

    async def _handed(
        self, running: AIOKafkaProducer, batch: BatchBuilder, topic: str, partition: int
    ) -> asyncio.Future[RecordMetadata]:
        size = batch.size()
        await self._room.take(size)
        with ExitStack() as unless_handed:
            unless_handed.callback(self._room.give, size)
            acknowledged: asyncio.Future[RecordMetadata] = await running.send_batch(batch, topic, partition=partition)
            unless_handed.pop_all()
        acknowledged.add_done_callback(lambda done: self._room.give_back(done, size))
        return acknowledged

    def _grouped(self, outgoing: Sequence[Outgoing]) -> dict[tuple[str, int], list[int]]:
        groups: dict[tuple[str, int], list[int]] = {}
        for row, record in enumerate(outgoing):
            partition = self._homes[record.topic](record.key.encode())
            groups.setdefault((self._settings.topic(record.topic), partition), []).append(row)
        return groups

    async def _running(self) -> AIOKafkaProducer:
        if self._producer is None:
            fresh = producer(self._settings)
            async with AsyncExitStack() as unless_started:
                unless_started.push_async_callback(fresh.stop)
                await fresh.start()
                unless_started.pop_all()
            self._producer = fresh
        return self._producer


class _Room:
    """How many bytes may still be on their way; one batch larger than all of it goes alone."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._used = 0
        self._freed = asyncio.Event()

    async def take(self, size: int) -> None:
        while self._used and self._used + size > self._size:
            self._freed.clear()
            await self._freed.wait()
        self._used += size

    def give_back(self, done: asyncio.Future[RecordMetadata], size: int) -> None:
        """Free a batch's bytes; a failure that came after the deadline is nobody's any more."""
        if not done.cancelled():
            done.exception()
        self.give(size)

    def give(self, size: int) -> None:
        self._used -= size
        self._freed.set()


def _packed(
    running: AIOKafkaProducer, outgoing: Sequence[Outgoing], rows: Sequence[int]
) -> tuple[BatchBuilder, list[bytes]]:
    """Return a batch with as many of the rows as it takes, and their salts."""
    batch: BatchBuilder = running.create_batch()
    fresh = os.urandom(SALT_BYTES * len(rows))
    salts: list[bytes] = []
    for packed, row in enumerate(rows):
        record = outgoing[row]
        salt = record.salt or fresh[packed * SALT_BYTES : (packed + 1) * SALT_BYTES]
        if batch.append(key=record.key.encode(), value=record.value, timestamp=None, headers=[("salt", salt)]) is None:
            break
        salts.append(salt)
    return batch, salts


def _settle(sent: _Sent, outgoing: Sequence[Outgoing], places: list[At | None]) -> BaseException | None:
    """Note where the batch's records stand; return why they do not, if the log said so."""
    if not sent.acknowledged.done() or sent.acknowledged.cancelled():
        return None
    failure = sent.acknowledged.exception()
    if failure is None:
        first = sent.acknowledged.result()
        if first.offset < 0:
            # A repetition of a batch that the broker has forgotten the place of: sent again, it gets one.
            return None
        for place, (row, salt) in enumerate(zip(sent.rows, sent.salts, strict=True)):
            record = outgoing[row]
            offset = first.offset + place
            kept = _Kept(offset, first.timestamp, record.key.encode(), record.value, (("salt", salt),))
            places[row] = At(first.topic, first.partition, offset, leaf(kept))
    return failure
