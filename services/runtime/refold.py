"""History folded again: a bounded stretch of the log into a build, in large batches and outside any consumer group."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass

from projections.batch import Fenced, Store
from projections.projection import Projection
from projections.projector import Projector
from projections.record import Partition, Position, Record, fingerprint
from services.runtime.errors import Fault, LogCut
from services.runtime.log import read
from services.runtime.placement import placement
from services.runtime.settings import Settings


class LogReplaced(Fault):
    """The last record that was folded differs from the one on the log."""

    code = "log-replaced"
    hint = "The log was cut and refilled, or made anew. Restore the broker's own log before going on."


class TypeUnknown(Fault):
    """A type of this log stands on it that this build does not know."""

    code = "unknown-type-on-log"
    hint = "A newer build wrote it: rebuild with that one."


class BuildTaken(Fault):
    """Somebody else folds into the same build."""

    code = "build-taken"
    hint = "Stop the processor or the other rebuild that writes this build, or choose another --build."


class BuildAhead(Fault):
    """The build was folded further than it is to be compared at."""

    code = "build-ahead"
    hint = "A processor has folded it, or the served one is far behind. Wait for that one, or begin again with --anew."


@dataclass(frozen=True)
class Limits:
    """How much is folded at once.  Large batches write each state's row once for many of its events."""

    records: int = 10_000
    #: Bytes of the batch's values.
    size: int = 16 << 20
    #: Partitions side by side, so that one is folded while another commits.
    lanes: int = 2
    #: States kept at hand, and their bytes as JSON, over all lanes.
    states: int = 200_000
    states_size: int = 128 << 20


class Refold:
    """Folds partitions from where the store has them to where they are to stand; `report` is told of records."""

    def __init__(
        self,
        settings: Settings,
        projection: Projection,
        store: Store,
        report: Callable[[int], None],
        limits: Limits | None = None,
    ) -> None:
        self._settings = settings
        self._report = report
        self._limits = limits or Limits()
        home = placement(settings.count(projection.topic))
        self._projector = Projector(projection, store, home, self._limits.states, self._limits.states_size)

    async def to(self, targets: Mapping[Partition, int]) -> None:
        """Fold each partition up to its target, an offset.

        Raises LogCut, LogReplaced, HistoryMissing, TypeUnknown, BuildTaken or BuildAhead, RulebookOutdated, Away,
        and whatever Kafka or a rule fails with; what was committed before stays and is gone on from.
        """
        waiting = deque(targets.items())
        lanes = [asyncio.create_task(self._lane(waiting)) for _ in range(self._limits.lanes)]
        try:
            await asyncio.gather(*lanes)
        finally:
            for lane in lanes:
                lane.cancel()

    async def _lane(self, waiting: deque[tuple[Partition, int]]) -> None:
        while waiting:
            partition, stop = waiting.popleft()
            try:
                await self._partition(partition, stop)
            except Fenced:
                raise BuildTaken(f"{_name(partition)} was folded by somebody else") from None
            finally:
                self._projector.close(partition)

    async def _partition(self, partition: Partition, stop: int) -> None:
        position = await self._projector.open(partition)
        if position.next_offset > stop:
            raise BuildAhead(f"{_name(partition)} stands at {position.next_offset}, {stop} was wanted")
        start = position.next_offset
        async for records in self._proven(partition, position, stop):
            outcome = await self._projector.project(partition, start, records)
            if outcome.unknown is not None:
                raise TypeUnknown(f"{outcome.unknown} at {_name(partition)}:{outcome.position.next_offset}")
            start = outcome.position.next_offset
            self._report(len(records))

    async def _proven(self, partition: Partition, position: Position, stop: int) -> AsyncIterator[Sequence[Record]]:
        """Give what follows the position, once the record before it is found to be the one that was folded."""
        if position.next_offset == stop:
            return
        proof = position.last_hash
        async for records in self._batches(partition, position.next_offset - (proof is not None), stop):
            rest = records if proof is None else _after(partition, position, records)
            proof = None
            if rest:
                yield rest

    async def _batches(self, partition: Partition, start: int, stop: int) -> AsyncIterator[Sequence[Record]]:
        batch: list[Record] = []
        size = 0
        async for _, records in read(self._settings, {partition: (start, stop)}):
            batch.extend(records)
            size += sum(len(record.value or b"") for record in records)
            if len(batch) >= self._limits.records or size >= self._limits.size:
                yield batch
                batch, size = [], 0
        if batch:
            yield batch


def _after(partition: Partition, position: Position, records: Sequence[Record]) -> Sequence[Record]:
    """Return the records after the first, which was folded already.  Raises LogCut and LogReplaced."""
    first, last = records[0], position.next_offset - 1
    if first.offset != last:
        raise LogCut(f"{_name(partition)} has no record at {last} any more")
    if fingerprint(first) != position.last_hash:
        raise LogReplaced(f"{_name(partition)} has another record at {last}")
    return records[1:]


def _name(partition: Partition) -> str:
    return f"{partition.topic}-{partition.number}"
