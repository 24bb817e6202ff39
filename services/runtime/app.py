"""The Faust app of a processor: one topic, one agent, an actor for each partition, no tables."""

from collections.abc import AsyncIterable
from pathlib import Path
from typing import Any, Protocol

import faust
from faust.agents import Agent
from faust.auth import Credentials, SASLCredentials, SSLCredentials
from faust.tables.manager import TableManager
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from yarl import URL

from services.runtime.consumer import LogConsumer
from services.runtime.cursor import Batch, Stop
from services.runtime.logging import FAUST
from services.runtime.security import login, trust
from services.runtime.settings import Settings

#: Bytes that aiokafka may hold for all partitions together, and at least and at most for one.
FETCH_BYTES, FETCH_LEAST, FETCH_MOST = 32 << 20, 1 << 20, 4 << 20


class Worker(Protocol):
    """What the consumer hands its partitions and batches to; nothing of it raises."""

    async def place(self, tp: TP) -> None: ...
    async def take(self, batch: Batch) -> None: ...
    def stop(self, tp: TP, stop: Stop) -> None: ...


class NoTables(TableManager):
    """Faust's own waits a second at every start for tables to be added."""

    logger = FAUST

    async def on_start(self) -> None:
        await self._update_channels()
        await self.recovery.start()


class TidyAgent(Agent):
    """Forgets the actors of revoked partitions, which Faust keeps."""

    logger = FAUST

    async def on_isolated_partitions_revoked(self, revoked: set[TP]) -> None:
        leaving = [actor for tp in revoked if (actor := self._actor_by_partition.get(tp)) is not None]
        await super().on_isolated_partitions_revoked(revoked)
        for actor in leaving:
            self._actors.discard(actor)
            self.supervisor.discard(actor)
        if leaving:
            # Its own discard leaves the places of the others wrong.
            supervisor: Any = self.supervisor
            supervisor._index = {actor: place for place, actor in enumerate(supervisor._services)}


class Untouched(faust.Schema[Any, Any]):
    """Hands the batch over as it is: what cannot be read is judged, not skipped."""

    def loads_key(self, app: Any, message: Any, **_: Any) -> Any:
        return message.key

    def loads_value(self, app: Any, message: Any, **_: Any) -> Any:
        return message.value


class LogTransport(driver.Transport):
    Consumer = LogConsumer


class App(faust.App):
    """A Faust app whose consumer hands its batches to `worker`."""

    logger = FAUST
    worker: Worker


def make(settings: Settings, group: str, topic: str, partitions: int, transport: type[LogTransport]) -> App:
    """Return the app, not started, that hands every batch of the topic to its worker."""
    brokers = [URL(f"kafka://{address}") for address in settings.kafka.split(",")]
    folder = settings.home / "run" / "faust"
    folder.mkdir(parents=True, exist_ok=True)
    app = App(
        group, broker=brokers, broker_credentials=_credentials(settings), **_options(settings, partitions, folder)
    )
    app.transport = transport(brokers, app)

    async def fold(batches: AsyncIterable[Batch]) -> None:
        async for batch in batches:
            await app.worker.take(batch)

    source = app.topic(topic, schema=Untouched(), key_type=bytes, value_type=bytes)
    app.agent(source, name="fold", isolated_partitions=True)(fold)
    return app


def _credentials(settings: Settings) -> Credentials | None:
    """Return how Faust proves itself to the brokers; None where they are spoken to in plain text."""
    context = trust(settings)
    if settings.kafka_security.startswith("sasl"):
        user, password = login(settings)
        mechanism = settings.kafka_sasl_mechanism
        return SASLCredentials(username=user, password=password, ssl_context=context, mechanism=mechanism)
    return SSLCredentials(context) if context else None


def _options(settings: Settings, partitions: int, folder: Path) -> dict[str, Any]:
    return {
        # A sink that is away must not hold up a rebalance.
        "stream_wait_empty": False,
        # Batches queued for a partition, behind the one in flight.
        "stream_buffer_maxsize": 2,
        "broker_max_poll_records": settings.batch,
        "consumer_max_fetch_size": min(FETCH_MOST, max(FETCH_LEAST, FETCH_BYTES // partitions)),
        "consumer_auto_offset_reset": "none",
        # How soon a topic that was deleted and made anew is seen to be there again.
        "consumer_metadata_max_age_ms": 10_000,
        "consumer_group_instance_id": settings.instance,
        "broker_session_timeout": settings.session,
        "broker_heartbeat_interval": settings.session / 5,
        "broker_rebalance_timeout": max(10.0, settings.session),
        "broker_request_timeout": max(30.0, settings.session),
        "TableManager": NoTables,
        "Agent": TidyAgent,
        "store": "memory://",
        # 0 makes aiokafka's round robin the assignor, as there are no tables to keep in place.
        "table_standby_replicas": 0,
        "topic_disable_leader": True,
        "topic_allow_declare": False,
        "web_enabled": False,
        "datadir": str(folder),
        "tabledir": str(folder),
    }
