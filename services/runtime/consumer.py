"""A Faust consumer that hands over one message a partition batch, read from PostgreSQL's position."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any, TypeVar, cast

from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from projections.record import Position
from services.runtime.cursor import Batch, Stop
from services.runtime.logging import FAUST
from services.runtime.thread import LogThread

#: Seconds that a poll waits while some partition is full or about to be placed, and otherwise.
BUSY_S, QUIET_S = 0.02, 0.25
#: Bytes of records handed over and not folded yet, above which nothing is polled.
QUEUED_BYTES = 8 << 20

Result = TypeVar("Result")


class _Unread(dict[TP, int | None]):
    """Faust's own memory of what it read, which would drop what is read again: it remembers nothing."""

    def __getitem__(self, tp: TP) -> None:
        return None

    def __setitem__(self, tp: TP, offset: int | None) -> None:
        return None


class LogConsumer(driver.Consumer):
    """Polls the partitions that are placed and not stopped; the others are placed by the app's worker."""

    logger = FAUST
    app: Any
    _thread: LogThread

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        #: Why partitions are read no further, until the process starts anew.
        self.stopped: dict[TP, Stop] = {}
        #: What PostgreSQL has, for Kafka's mirror.
        self.applied: dict[TP, int] = {}
        self._placing: dict[TP, asyncio.Task[None]] = {}
        self._queued: dict[Batch, int] = {}
        self._drained = asyncio.Event()
        super().__init__(*args, **kwargs)
        self._read_offset = _Unread()

    def _new_consumer_thread(self) -> LogThread:
        return LogThread(self, loop=self.loop, beacon=self.beacon)

    @property
    def queued_bytes(self) -> int:
        """Bytes of records handed over and not folded yet."""
        return sum(self._queued.values())

    def owns(self, batch: Batch) -> bool:
        """Say whether the batch is what comes next: its partition is ours, placed and not stopped."""
        return self._thread.cursor(batch.tp) is batch.cursor and batch.tp not in self.stopped

    def disown(self, batch: Batch) -> None:
        """Have the partition placed again at PostgreSQL's position."""
        if self._thread.cursors.get(batch.tp) is batch.cursor:
            self._thread.cursors.pop(batch.tp, None)

    def done(self, batch: Batch) -> None:
        """Note that nothing of the batch is held any more."""
        self._queued.pop(batch, None)
        self._drained.set()

    def wants(self, tp: TP) -> bool:
        """Say whether the partition is ours and still to be placed."""
        return tp in self._get_active_partitions() and tp not in self.stopped and not self._thread.cursor(tp)

    async def place(self, tp: TP, position: Position) -> Stop | None:
        """Do as `LogThread.place`, from the main loop."""
        return await self._in_thread(lambda: self._thread.place(tp, position))

    def stop_partition(self, tp: TP, stop: Stop) -> None:
        """Leave the partition out of every poll, in later assignments too."""
        self.stopped[tp] = stop
        self._thread.thread_loop.call_soon_threadsafe(self._thread.rest, tp)

    async def ends(self) -> dict[TP, int]:
        """Return the end offsets of our partitions; raises KafkaError when a broker is away."""
        ours = sorted(self.assignment())
        found = await self._in_thread(lambda: self._thread._highwaters(ours)) if ours else {}
        return {TP(*tp): end for tp, end in found.items()}

    def ready(self) -> bool:
        """Say whether every partition that is ours is placed or stopped."""
        return not any(self.wants(tp) for tp in self._get_active_partitions())

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Any]]:  # noqa: ASYNC109 - Faust names it so
        if not self.flow_active:
            await self.wait(self.can_resume_flow)  # type: ignore[arg-type]
        readable = self._readable()
        if not readable or self.queued_bytes > QUEUED_BYTES:
            await self._pause()
            return
        busy = self._placing or self._buffered_partitions
        polled = await self._poll(readable, BUSY_S if busy else min(timeout, QUIET_S))
        for tp, found in polled.items():
            if isinstance(found, Stop):
                self.app.worker.stop(tp, found)
            elif self.flow_active and self.owns(found):
                self._queued[found] = found.size
                yield tp, self._message(found)

    async def _poll(self, readable: set[TP], seconds: float) -> dict[TP, Batch | Stop]:
        return cast(dict[TP, Batch | Stop], await self._getmany(readable, seconds))

    def _readable(self) -> set[TP]:
        ours = self._get_active_partitions() - self.stopped.keys()
        readable = {tp for tp in ours if self._thread.cursor(tp)}
        for tp in ours - readable - self._placing.keys():
            task = asyncio.create_task(self.app.worker.place(tp))
            self._placing[tp] = task
            task.add_done_callback(partial(self._placed, tp))
        return readable

    def _placed(self, tp: TP, _: asyncio.Task[None]) -> None:
        self._placing.pop(tp, None)

    async def _pause(self) -> None:
        """Wait until a batch is done, or a little: a partition may have been placed or its queue have emptied."""
        self._drained.clear()
        await self.wait(self._drained.wait(), timeout=BUSY_S)

    def _message(self, batch: Batch) -> ConsumerMessage:
        last = batch.records[-1]
        value: Any = batch
        return ConsumerMessage(
            batch.tp.topic,
            batch.tp.partition,
            last.offset,
            last.timestamp / 1000,
            1,
            None,
            None,
            value,
            None,
            0,
            0,
            batch.tp,
            generation_id=self.app.consumer_generation_id,
        )

    async def _in_thread(self, call: Callable[[], Awaitable[Result]]) -> Result:
        """Run a coroutine in the consumer's thread, beside its queue, so that a slow broker holds nothing else up."""

        async def run() -> Result:
            return await call()

        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(run(), self._thread.thread_loop))

    async def seek_to_committed(self) -> dict[TP, int]:
        """Seek nowhere: what Kafka thinks was read decides nothing."""
        return {}

    def _new_offset(self, tp: TP) -> int | None:
        self._acked[tp].clear()
        self._acked_index[tp].clear()
        return self.applied.get(tp)

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Keep no gaps: PostgreSQL's position is what Kafka is told."""

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        await super().on_partitions_revoked(revoked)
        self.applied.clear()
        self._buffered_partitions.clear()
        self._queued.clear()

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        await super().on_partitions_assigned(assigned, generation_id)
        for tp in self.stopped.keys() & assigned:
            self._thread.thread_loop.call_soon_threadsafe(self._thread.rest, tp)

    async def on_stop(self) -> None:
        for task in list(self._placing.values()):
            task.cancel()
        await super().on_stop()
