"""Faust's consumer thread, next to aiokafka: the only place that knows what was truly read."""

import asyncio
from collections.abc import Sequence
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from projections.record import Position, Record
from services.runtime.cursor import Batch, Cursor, Stop, misplaced
from services.runtime.log import disturbances
from services.runtime.logging import FAUST, get

log = get(__name__)
#: Milliseconds that the broker may hold a fetch back; Faust's 1500 starves full partitions beside idle ones.
FETCH_WAIT_MS = 50
#: Seconds that a commit to Kafka, a mirror only, may take.
COMMIT_S = 5.0


class LogThread(driver.AIOKafkaConsumerThread):
    """Reads each partition from a cursor that was placed at PostgreSQL's position, and from nowhere else."""

    logger = FAUST

    def __post_init__(self) -> None:
        super().__post_init__()
        self.cursors: dict[TP, Cursor] = {}
        #: Goes up whenever a connection was lost or the brokers were asked anew who leads what.  A broker
        #: that comes back with a cut and refilled log looks healthy, so every partition is placed again.
        self.era = 0

    def cursor(self, tp: TP) -> Cursor | None:
        """Return the partition's cursor when it is valid."""
        cursor = self.cursors.get(tp)
        valid = cursor is not None and cursor.assignment.active and cursor.era == self.era
        return cursor if valid else None

    def assignment(self) -> set[TP]:
        """Return the partitions that are ours; none before the consumer is there."""
        return super().assignment() if self._consumer is not None else set()

    def proof(self, position: Position) -> bytes | None:
        """Return the fingerprint that the last record folded must still have."""
        return position.last_hash

    async def place(self, tp: TP, position: Position) -> Stop | None:
        """Read on from the position, or return why the log cannot be.

        Runs in the thread's own loop.  Raises IllegalStateError when the partition is not ours any more and
        KafkaError when its broker is away.
        """
        consumer = self._ensure_consumer()
        era, proof = self.era, self.proof(position)
        first, end = await asyncio.gather(consumer.beginning_offsets([tp]), consumer.end_offsets([tp]))
        code = misplaced(position, proof is not None, first[tp], end[tp])
        if code is not None:
            return Stop(code, position.next_offset)
        consumer.seek(tp, position.next_offset - (proof is not None))
        assignment = consumer._subscription.subscription.assignment
        self.cursors[tp] = Cursor(assignment, era, position.next_offset, proof)
        return None

    def rest(self, tp: TP) -> None:
        """Fetch nothing of the partition for as long as this assignment lasts."""
        self.cursors.pop(tp, None)
        try:
            self._ensure_consumer().pause(TopicPartition(*tp))  # it takes no other tuple
        except IllegalStateError:
            log.debug("not-ours", topic=tp.topic, partition=tp.partition)

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS
        disturbances(consumer._client, self._disturbed)
        return consumer

    def _disturbed(self) -> None:
        self.era += 1

    async def _fetch_records(self, *args: Any, **kwargs: Any) -> dict[TP, Batch | Stop]:  # type: ignore[override]
        try:
            fetched = await super()._fetch_records(*args, **kwargs)
        except NoOffsetForPartitionError:
            return {}  # assigned a moment ago and not placed yet
        except OffsetOutOfRangeError as error:
            self._displaced(error.args[0])
            return {}
        except KafkaError as error:
            log.warning("fetch-failed", exc_info=error)
            self.era += 1
            return {}
        taken = {TP(*tp): self._taken(TP(*tp), records) for tp, records in fetched.items()}
        return {tp: found for tp, found in taken.items() if found is not None}

    def _taken(self, tp: TP, records: Sequence[Record]) -> Batch | Stop | None:
        cursor = self.cursor(tp)
        return cursor.take(tp, records) if cursor else None  # else it was read before it was placed

    def _displaced(self, partitions: Any) -> None:
        for tp in partitions:
            self.cursors.pop(TP(*tp), None)

    async def _commit(self, offsets: Any) -> bool:
        """Mirror the positions to Kafka, whose failing to take them must not stop anything."""
        wanted = {TopicPartition(*tp): offset for tp, offset in offsets.items() if tp in self.assignment()}
        try:
            await asyncio.wait_for(self._ensure_consumer().commit(wanted), COMMIT_S)
        except (KafkaError, TimeoutError) as error:
            log.info("mirror-failed", exc_info=error)
            return False
        return True
