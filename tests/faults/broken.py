"""Processors with one guard taken away, to show that the guard is needed: `python -m tests.faults.broken NAME`."""

import sys
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from typing import Any

from aiokafka import TopicPartition
from faust.types import TP

from events.catalogue import Event
from projections.batch import Store
from projections.communication import COMMUNICATION
from projections.measurement import MEASUREMENT
from projections.projection import Case, Key, Projection, State
from projections.projector import Outcome
from projections.record import Partition, Position
from projections.referral import REFERRAL
from projections.referral.projection import ReferralProjection
from projections.store import PostgresStore
from projections.store.pool import Pool
from services.runtime.app import LogTransport
from services.runtime.consumer import LogConsumer
from services.runtime.cursor import Batch
from services.runtime.processor import Processor, serve_until_stopped
from services.runtime.settings import Settings
from services.runtime.thread import LogThread
from services.runtime.worker import LogWorker

#: What breaks the rule of a faulty processor: this need.
BREAKS = "breaks-the-rule"


class Zombie(Processor):
    """Sound, but in a group of its own: it has every partition of a build that is not its to write."""

    @property
    def group(self) -> str:
        return f"{super().group}.zombie"


class Uncompared(PostgresStore):
    """Moves the position from wherever it stands."""

    advance = PostgresStore.advance.replace("where held.next_offset = $3::int8", "where $3::int8 >= 0")


class Careless(Processor):
    """Writes without the compare-and-swap."""

    def store(self, pool: Pool, schema: str) -> Store:
        return Uncompared(pool, self.projection, schema)


class CarelessZombie(Careless, Zombie):
    """The same, in a group of its own."""


class Trusting(LogWorker):
    """Reads from where Faust told Kafka that it stands."""

    async def position(self, tp: TP) -> Position:
        stored = await super().position(tp)
        thread: Any = self._consumer()._thread
        told = await self._consumer()._in_thread(lambda: thread._ensure_consumer().committed(TopicPartition(*tp)))
        return replace(stored, next_offset=told or 0, last_hash=None)

    async def _fold(self, batch: Batch) -> Outcome:
        partition = Partition(*batch.tp)
        if partition not in self._projector._open:
            await self._projector.open(partition)
        held = self._projector._open[partition]
        held.position = replace(held.position, next_offset=batch.start)
        return await super()._fold(batch)


class OnKafkasWord(Careless):
    """Keeps Faust's own offsets."""

    worker = Trusting


class Faulty(ReferralProjection):
    """The referral projection with a fault that one need brings out."""

    def evolve(self, event: Event, case: Case) -> Mapping[Key, State]:
        if getattr(getattr(event.data, "need", None), "code", None) == BREAKS:
            raise ZeroDivisionError("a fault in a rule")
        return super().evolve(event, case)


FAULTY: Projection = Faulty()


class Unguarded(LogWorker):
    """Lets what its batches fail with out of the agent."""

    async def guard(self, tp: TP, work: Coroutine[Any, Any, None]) -> None:
        await work


class LetOut(Processor):
    """Has no boundary around the agent."""

    worker = Unguarded


class Unproven(LogThread):
    """Reads on without looking at the last record folded."""

    def proof(self, position: Position) -> bytes | None:
        return None


class UnprovenConsumer(LogConsumer):
    def _new_consumer_thread(self) -> LogThread:
        return Unproven(self, loop=self.loop, beacon=self.beacon)


class UnprovenTransport(LogTransport):
    Consumer = UnprovenConsumer


class Believing(Processor):
    """Takes whatever log it finds for the one it folded."""

    transport = UnprovenTransport


KINDS: dict[str, Callable[[Settings], Processor]] = {
    "zombie": lambda settings: Zombie(REFERRAL, settings),
    "careless": lambda settings: Careless(REFERRAL, settings),
    "careless-zombie": lambda settings: CarelessZombie(REFERRAL, settings),
    "kafkas-word": lambda settings: OnKafkasWord(REFERRAL, settings),
    "kafkas-word-measurement": lambda settings: OnKafkasWord(MEASUREMENT, settings),
    "kafkas-word-communication": lambda settings: OnKafkasWord(COMMUNICATION, settings),
    "faulty": lambda settings: Processor(FAULTY, settings),
    "faulty-let-out": lambda settings: LetOut(FAULTY, settings),
    "believing": lambda settings: Believing(REFERRAL, settings),
}

if __name__ == "__main__":
    sys.exit(serve_until_stopped(KINDS[sys.argv[1]](Settings.from_env())))
