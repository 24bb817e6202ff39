"""A runnable process made of a projection: wired, watched, and ended with the exit code it deserves."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TypeVar, cast

from aiokafka.errors import KafkaError

from projections.batch import Store
from projections.projection import Projection
from projections.projector import Projector
from projections.record import Partition
from projections.rulebook import RulebookOutdated
from projections.store import PostgresStore
from projections.store.pool import Pool
from projections.store.times import quick_times
from services.runtime.app import App, LogTransport, make
from services.runtime.builds import prepare
from services.runtime.consumer import LogConsumer
from services.runtime.errors import Fault
from services.runtime.health import Health, announced, serve
from services.runtime.log import check_topics
from services.runtime.logging import get
from services.runtime.placement import placement
from services.runtime.roles import Role
from services.runtime.running import run_until_stopped
from services.runtime.settings import Settings
from services.runtime.store import DatabaseAway, connect, upgrade
from services.runtime.telemetry import Telemetry
from services.runtime.watch import Watch
from services.runtime.worker import FIRST_S, LAST_S, LogWorker

log = get(__name__)
#: A frozen owner keeps its row lock no longer than this, so that the next owner can go on.
IDLE_IN_TRANSACTION = "5s"
#: Aggregate states kept at hand, and their bytes as JSON; in memory a state takes about five times as much.
CACHE_STATES, CACHE_BYTES = 30_000, 16 << 20
#: Seconds that Faust may take to leave its group and close.
STOP_S = 15.0
#: Seconds that the process may take to end once everything is closed.
LEAVE_S = 5.0

Result = TypeVar("Result")


class RulesTooLate(Fault):
    """This build brings rules that take effect before what was already folded."""

    code = "rulebook-outdated"
    hint = "Give the new rules a date after now, or rebuild the projection into a new build with `manyhands rebuild`."


class Processor:
    """Folds a projection's topic into its build's schema until it is told to stop."""

    #: The parts that a variant of the processor may replace.
    transport: type[LogTransport] = LogTransport
    worker: type[LogWorker] = LogWorker

    def __init__(self, projection: Projection, settings: Settings) -> None:
        self.projection = projection
        self.settings = settings
        self.telemetry = Telemetry()
        self._stopping = asyncio.Event()
        #: The Faust app while `run` runs.
        self.app: App | None = None

    @property
    def name(self) -> str:
        return f"{self.projection.name}.v{self.projection.version}.{self.settings.build}"

    @property
    def group(self) -> str:
        """Kafka's consumer group, which shares the partitions out among the processes of this build."""
        return f"{self.settings.topic_prefix}manyhands.{self.name}"

    @property
    def topic(self) -> str:
        return self.settings.topic(self.projection.topic)

    def store(self, pool: Pool, schema: str) -> Store:
        """Return the store to fold into."""
        return PostgresStore(pool, self.projection, schema)

    def stop(self) -> None:
        """Have `run` end in order."""
        self._stopping.set()

    async def run(self) -> int:
        """Fold until stopped, and return the exit code: 0 when told to stop, 1 when nothing is left to fold or live.

        Raises Fault when a topic or the rulebook is not as it must be.
        """
        async with self._pool() as pool:
            store = await self._store(pool)
            count = self.settings.count(self.projection.topic)
            projector = Projector(self.projection, store, placement(count), CACHE_STATES, CACHE_BYTES)
            app = self.app = make(self.settings, self.group, self.topic, count, self.transport)
            worker = app.worker = self.worker(projector, self.telemetry, lambda: cast(LogConsumer, app.consumer))
            self.telemetry.cached_states.set_function(lambda: projector.cached)
            self.telemetry.queued_bytes.set_function(lambda: self._consumer.queued_bytes)
            async with (
                serve(self.settings.port, self.health, self.telemetry.text) as port,
                announced(self.settings.home, self.name, port),
                _running(app),
            ):
                log.info("processor-started", group=self.group, topic=self.topic, port=port)
                return await self._until_over(app, Watch(self._consumer, worker, self.telemetry))

    def health(self) -> Health:
        """Say how the processor is."""
        if self.app is None or not self.app.started:
            return Health(True, False, self.group, 0, ())
        consumer = self._consumer
        stopped = tuple(
            {"topic": tp.topic, "partition": tp.partition, **stop._asdict()} for tp, stop in consumer.stopped.items()
        )
        ours = consumer.assignment()
        return Health(not self.app.crashed, bool(ours) and consumer.ready(), self.group, len(ours), stopped)

    @property
    def _consumer(self) -> LogConsumer:
        return cast(LogConsumer, cast(App, self.app).consumer)

    @asynccontextmanager
    async def _pool(self) -> AsyncIterator[Pool]:
        await patiently(lambda: upgrade(self.settings.postgres))
        pool = await patiently(
            lambda: connect(
                self.settings.postgres,
                application=f"manyhands {self.name}",
                role=Role.PROCESSOR,
                init=quick_times,
                idle_in_transaction_session_timeout=IDLE_IN_TRANSACTION,
            )
        )
        try:
            yield pool
        finally:
            pool.terminate()

    async def _store(self, pool: Pool) -> Store:
        schema = await prepare(pool, self.projection, self.settings.build)
        store = self.store(pool, schema)
        await patiently(lambda: check_topics(self.settings, [self.projection.topic]))
        count = self.settings.count(self.projection.topic)
        positions = await store.positions([Partition(self.topic, number) for number in range(count)])
        late = self.projection.rulebook.outdated(positions.values())
        if late:
            raise RulesTooLate(f"rules {RulebookOutdated(late)} take effect before what was folded")
        return store

    async def _until_over(self, app: App, watch: Watch) -> int:
        """Return when the first of these is so: told to stop, Faust crashed, nothing left to fold, silence."""
        ends = {
            asyncio.create_task(self._stopping.wait()): "stopped",
            asyncio.create_task(app.wait_until_stopped()): "crashed",
            asyncio.create_task(self._all_stopped()): "every-partition-stopped",
            asyncio.create_task(watch.run()): "silent",
        }
        try:
            done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in ends:
                task.cancel()
        reasons = {ends[task] for task in done}
        error = next((task.exception() for task in done if task.exception()), None)
        if reasons == {"stopped"} and not app.crashed:
            log.info("processor-stopped")
            return 0
        log.error("processor-ended", reasons=sorted(reasons), exc_info=error)
        return 1

    async def _all_stopped(self) -> None:
        while True:
            ours = self._consumer.assignment()
            if ours and ours <= self._consumer.stopped.keys():
                return
            await asyncio.sleep(0.2)


async def patiently(attempt: Callable[[], Awaitable[Result]]) -> Result:
    """Repeat the attempt for as long as a server is away."""
    pause = FIRST_S
    while True:
        try:
            return await attempt()
        except (DatabaseAway, KafkaError) as error:
            log.warning("away", again_in=pause, exc_info=error)
        await asyncio.sleep(pause)
        pause = min(pause * 2, LAST_S)


@asynccontextmanager
async def _running(app: App) -> AsyncIterator[None]:
    try:
        await app.start()
        yield
    finally:
        with suppress(TimeoutError):
            await asyncio.wait_for(app.stop(), STOP_S)


def serve_until_stopped(processor: Processor) -> int:
    """Run the processor until SIGTERM, SIGINT or its end, and return the exit code; faults are logged, not raised."""
    code = run_until_stopped(processor, "processor-refused")
    _leave_within(LEAVE_S, code)
    return code


def _leave_within(seconds: float, code: int) -> None:
    """See that the process ends: a thread of a library that hangs would keep a dead processor's partitions."""
    timer = threading.Timer(seconds, os._exit, [code])
    timer.daemon = True
    timer.start()
