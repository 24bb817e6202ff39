"""The intake: what partner systems write into their inboxes is decided, kept, and then put on the log.

Each record is decided once: its decision, with the bytes to publish, is on disk before anything leaves, and whoever
goes on after a crash publishes those bytes.  One process reads an inbox at a time; another takes over when its
session with PostgreSQL ends.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import OffsetOutOfRangeError

from projections.batch import Away, Fenced
from projections.record import Record, fingerprint
from services.admission.admission import Admission
from services.admission.caller import Partner
from services.admission.directory import LogAway
from services.admission.inbox import Inbox, InboxStore, Lease, Moved, Taken, settled
from services.admission.publish import AWAY
from services.admission.reading import Halt, Reading, Readings
from services.admission.telemetry import Telemetry
from services.runtime import logging
from services.runtime.errors import Fault
from services.runtime.health import Health
from services.runtime.log import disturbances, reader
from services.runtime.running import paused
from services.runtime.settings import Settings

log = logging.get(__name__)
#: Records read at once, and the most bytes of one inbox that wait in memory.
MOST, FETCH_BYTES = 500, 1 << 20
POLL_MS = 200
#: Seconds between two looks at the locks, between attempts while a server is away, and between two prunings.
BEAT_S, AGAIN_S, PRUNE_S = 0.5, 0.5, 3600.0
#: Seconds to wait where nothing can be read.
IDLE_S = 0.1
#: Decisions outlive the records that they are about by a day.
KEPT = timedelta(days=31)
#: What ends a session, to be begun again.
LOST = (Away, LogAway, *AWAY)


class LogSilent(OSError):
    """The log did not acknowledge: what was decided is published again, the same bytes."""


class Intake:
    """Reads every inbox that no other intake reads, until it is told to stop."""

    def __init__(self, settings: Settings, admission: Admission, store: InboxStore, telemetry: Telemetry) -> None:
        self._settings = settings
        self._admission = admission
        self._store = store
        self._telemetry = telemetry
        self._stopping = asyncio.Event()
        self._readings = Readings()
        self._live = False
        self._pruned = float("-inf")

    def stop(self) -> None:
        """Have `run` end in order: what is being decided is published first."""
        self._stopping.set()

    def health(self) -> Health:
        """Say how the intake is; ready while both servers answer and everything it holds is being read or stopped."""
        held = self._readings.held
        stopped = tuple(each.described() for each in held if each.code is not None)
        return Health(True, self._live and self._readings.settled, "manyhands.intake", len(held), stopped)

    async def run(self) -> None:
        """Decide until stopped; while a server is away, begin again and again."""
        while not self._stopping.is_set():
            try:
                await self._session()
            except LOST as away:
                log.warning("intake-away", again_in=AGAIN_S, exc_info=away)
                self._telemetry.retries.inc()
                await paused(self._stopping, AGAIN_S)

    async def _session(self) -> None:
        async with self._opened() as (lease, consumer):
            while not self._stopping.is_set():
                await self._beat(lease, consumer)
                self._live = True
                until = time.monotonic() + BEAT_S
                while time.monotonic() < until and not self._stopping.is_set():
                    await self._round(consumer)

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[tuple[Lease, AIOKafkaConsumer]]:
        bounds = {"max_partition_fetch_bytes": FETCH_BYTES, "isolation_level": "read_committed"}
        try:
            async with self._store.lease() as lease, reader(self._settings, **bounds) as consumer:
                disturbances(consumer._client, self._readings.disturbed)
                yield lease, consumer
        finally:
            self._live = False
            self._readings = Readings()

    async def _beat(self, lease: Lease, consumer: AIOKafkaConsumer) -> None:
        """Take what is free, and place what is new, was moved by another or may have changed behind our back."""
        waiting = self._readings.hold(await lease.beat())
        for reading in waiting:
            await self._recover(reading.inbox)
        if waiting:
            await self._readings.place(consumer, waiting)
        self._measure(consumer)
        await self._prune()

    async def _recover(self, inbox: Inbox) -> None:
        """Publish what was decided before and is not known to stand on the log."""
        while pending := await self._store.pending(inbox.partner, MOST):
            log.info("inbox-recovered", topic=inbox.topic, records=len(pending))
            await self._publish(inbox, pending)

    # A round: what has come is decided and published, every inbox for itself.

    async def _round(self, consumer: AIOKafkaConsumer) -> None:
        reading = self._readings.readable()
        if not reading:
            await paused(self._stopping, IDLE_S)
            return
        polled = await self._polled(consumer, reading)
        if not self._readings.steady:
            # It was read over connections that were lost since: it is placed, and proven, anew.
            return
        tasks = {asyncio.create_task(self._take(reading[each], records)): reading[each] for each, records in polled}
        if tasks:
            await asyncio.wait(tasks)
            self._settle(tasks)
            self._readings.rest(consumer)

    async def _polled(
        self, consumer: AIOKafkaConsumer, reading: Mapping[TopicPartition, Reading]
    ) -> Iterable[tuple[TopicPartition, Sequence[Record]]]:
        try:
            polled: Mapping[TopicPartition, Sequence[Record]] = await consumer.getmany(
                *reading, timeout_ms=POLL_MS, max_records=MOST
            )
        except OffsetOutOfRangeError:
            self._readings.disturbed()
            return ()
        return polled.items()

    def _settle(self, tasks: Mapping[asyncio.Task[None], Reading]) -> None:
        """Sort failures by what is to be done: place anew, stop this inbox, or begin the session again."""
        lost: BaseException | None = None
        for task, reading in tasks.items():
            error = task.exception()
            if isinstance(error, Fenced):
                self._telemetry.fences.inc()
                self._readings.drop(reading)
            elif isinstance(error, Halt):
                self._readings.halt(reading, error)
            elif isinstance(error, LOST):
                lost = error
            elif error is not None:
                log.error("inbox-failed", topic=reading.inbox.topic, exc_info=error)
                code = error.code if isinstance(error, Fault) else "rule-failed"
                self._readings.halt(reading, Halt(code, reading.inbox.next_offset or 0))
        if lost is not None:
            raise lost

    async def _take(self, reading: Reading, read: Sequence[Record]) -> None:
        """Decide, keep and publish the records, as many at once as can be."""
        records = reading.proven(read)
        while records:
            with self._telemetry.batch_seconds.time():
                taken = await self._decide(reading, records)
                await self._publish(reading.inbox, taken)
            records = records[len(taken) :]

    async def _decide(self, reading: Reading, records: Sequence[Record]) -> list[Taken]:
        inbox = reading.inbox
        decided = await self._admission.decide(_caller(inbox), [each.value or b"" for each in records])
        told = zip(records, map(settled, decided), strict=False)
        taken = [Taken(inbox.life, record.offset, _instant(record), decision) for record, decision in told]
        last = records[len(taken) - 1]
        await self._keep(reading, Moved(inbox.next_offset, last.offset + 1, fingerprint(last)), taken)
        for each in taken:
            problem = each.decision.result.problem
            self._telemetry.decided.labels(problem.code if problem else "in").inc()
        return taken

    async def _keep(self, reading: Reading, moved: Moved, taken: Sequence[Taken]) -> None:
        await self._store.decide(reading.inbox, moved, taken)
        reading.move(moved.stop, moved.last_hash)

    async def _publish(self, inbox: Inbox, taken: Sequence[Taken]) -> None:
        """Publish, and note what stands.  Raises LogSilent where that is not known; from there on it is done again."""
        results = await self._admission.publish(_caller(inbox), [each.decision for each in taken])
        placed, silent = [], False
        for each, result in zip(taken, results, strict=True):
            silent = silent or (each.decision.outgoing is not None and result.at is None)
            if result.at is not None and not silent:
                placed.append((each, result.at))
        if placed:
            await self._store.published(inbox.partner, placed)
            self._telemetry.published.inc(len(placed))
        if silent:
            raise LogSilent("some of what was decided may not stand on the log")

    # Beside the work.

    def _measure(self, consumer: AIOKafkaConsumer) -> None:
        self._telemetry.lag.set(self._readings.lag(consumer))
        self._telemetry.held.set(len(self._readings.held))
        self._telemetry.stopped.clear()
        for each in self._readings.held:
            if each.code is not None:
                self._telemetry.stopped.labels(each.code).inc()

    async def _prune(self) -> None:
        now = time.monotonic()
        if now - self._pruned >= PRUNE_S:
            await self._store.prune(datetime.now(UTC) - KEPT)
            self._pruned = now


def _caller(inbox: Inbox) -> Partner:
    return Partner(inbox.initiative, inbox.partner, None, "inbox")


def _instant(record: Record) -> datetime:
    return datetime.fromtimestamp(record.timestamp / 1000, UTC)
