"""What happens to a partition and to its batches: placed, folded, tried again, or stopped alone."""

import asyncio
from collections.abc import Callable, Coroutine
from time import perf_counter
from typing import Any

from aiokafka.errors import IllegalStateError, KafkaError
from faust.types import TP

from projections.batch import Away, Fenced
from projections.projector import Outcome, Projector
from projections.record import Partition, Position
from projections.rulebook import RulebookOutdated
from services.runtime.consumer import LogConsumer
from services.runtime.cursor import Batch, Stop
from services.runtime.logging import describe, get, places
from services.runtime.telemetry import Telemetry

log = get(__name__)
#: Seconds before the first and the last of the repeated attempts while a server is away.
FIRST_S, LAST_S = 0.1, 5.0
#: Batches folded at once: enough to fold one while PostgreSQL commits others, few enough to bound memory.
AT_ONCE = 2
#: A server that is away, as seen while a partition is placed.
OUTAGES = (Away, KafkaError, OSError, TimeoutError)


class LogWorker:
    """Folds the batches of the partitions that this process owns.  `consumer` gives the consumer in use."""

    def __init__(self, projector: Projector, telemetry: Telemetry, consumer: Callable[[], LogConsumer]) -> None:
        self._projector = projector
        self._telemetry = telemetry
        self._consumer = consumer
        self._slots = asyncio.Semaphore(AT_ONCE)
        #: Partitions whose last attempt found a server away.
        self.waiting: set[TP] = set()

    async def place(self, tp: TP) -> None:
        """Have the partition read from PostgreSQL's position on."""
        await self.guard(tp, self._place(tp))

    async def take(self, batch: Batch) -> None:
        """Fold the batch, unless it is not what comes next any more."""
        try:
            await self.guard(batch.tp, self._take(batch))
        finally:
            self._consumer().done(batch)

    async def guard(self, tp: TP, work: Coroutine[Any, Any, None]) -> None:
        """Do the work; whatever it fails with stops this partition, and this partition only.

        Faust would acknowledge a batch whose agent raised and go on without it.
        """
        try:
            await work
        except RulebookOutdated:
            self.stop(tp, Stop("rulebook-outdated", self._next(tp)))
        except Exception as error:  # the one boundary: a fault in a rule or a store must not spread
            log.exception("rule-failed", topic=tp.topic, partition=tp.partition)
            where = places(error)[-1:]
            self.stop(tp, Stop("rule-failed", self._next(tp), " at ".join([describe(error), *where])))

    def stop(self, tp: TP, stop: Stop) -> None:
        """Fold this partition no further until the process starts anew."""
        log.error("partition-stopped", topic=tp.topic, partition=tp.partition, code=stop.code, offset=stop.offset)
        self._telemetry.partition_stopped.labels(*tp, stop.code).set(1)
        self._projector.close(Partition(*tp))
        self.waiting.discard(tp)
        self._consumer().stop_partition(tp, stop)

    async def position(self, tp: TP) -> Position:
        """Return where PostgreSQL says the partition stands."""
        return await self._projector.open(Partition(*tp))

    async def _place(self, tp: TP) -> None:
        pause = FIRST_S
        while self._consumer().wants(tp):
            try:
                position = await self.position(tp)
                stop = await self._consumer().place(tp, position)
            except IllegalStateError:
                return  # revoked meanwhile
            except OUTAGES as error:
                pause = await self._wait(tp, pause, error)
            else:
                self._placed(tp, position, stop)
                return

    def _placed(self, tp: TP, position: Position, stop: Stop | None) -> None:
        self.waiting.discard(tp)
        self._telemetry.position.labels(*tp).set(position.next_offset)
        if stop is not None:
            self.stop(tp, stop)
            return
        self._consumer().applied[tp] = position.next_offset
        log.info("partition-placed", topic=tp.topic, partition=tp.partition, offset=position.next_offset)

    async def _take(self, batch: Batch) -> None:
        pause = FIRST_S
        while self._consumer().owns(batch):
            try:
                outcome = await self._fold(batch)
            except Fenced:
                self._telemetry.fences.labels(*batch.tp).inc()
                log.warning("fenced", topic=batch.tp.topic, partition=batch.tp.partition, offset=batch.start)
                self._consumer().disown(batch)
            except Away as error:
                pause = await self._wait(batch.tp, pause, error)
            else:
                self._folded(batch, outcome)
                return

    async def _fold(self, batch: Batch) -> Outcome:
        async with self._slots:
            began = perf_counter()
            outcome = await self._projector.project(Partition(*batch.tp), batch.start, batch.records)
            self._telemetry.folded(batch.tp, outcome, perf_counter() - began)
            return outcome

    def _folded(self, batch: Batch, outcome: Outcome) -> None:
        self.waiting.discard(batch.tp)
        consumer = self._consumer()
        consumer.applied[batch.tp] = outcome.position.next_offset
        if outcome.unknown is not None:
            self.stop(batch.tp, Stop("unknown-type-on-log", outcome.position.next_offset, outcome.unknown))

    async def _wait(self, tp: TP, pause: float, error: Exception) -> float:
        self.waiting.add(tp)
        self._telemetry.retries.labels(*tp).inc()
        log.warning("away", topic=tp.topic, partition=tp.partition, again_in=pause, exc_info=error)
        await asyncio.sleep(pause)
        return min(pause * 2, LAST_S)

    def _next(self, tp: TP) -> int:
        return self._consumer().applied.get(tp, 0)
