"""Servers go away and come back under a running worker; these tests have servers of their own."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from io import StringIO
from pathlib import Path

import pytest

from events import topics
from services.ops import local
from services.runtime import log
from services.runtime.settings import Settings
from tests.integration.runtime.test_stopping import codes
from tests.support import databases
from tests.support import topics as names
from tests.support.stage import Stage
from tests.support.wait import until


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("own")
    local.up(folder)
    yield folder
    local.reset(folder)


@pytest.fixture
async def own(home: Path, written: StringIO, tmp_path: Path) -> AsyncIterator[Stage]:
    servers = local.up(home)
    async with databases.fresh(servers.postgres) as uri, names.prefix(servers.kafka) as prefix:
        settings = Settings(tmp_path, servers.kafka, uri, topic_prefix=prefix, partitions=2, session=6, batch=50)
        await log.create_topics(settings, [topics.CASES])
        yield Stage(settings)


async def test_tail_cut_and_refilled_while_the_broker_was_down(own: Stage, home: Path) -> None:
    await own.tell(0, 1, 60)
    async with own.running() as processor:
        await own.caught_up()
        kafka = local.Kafka(home)
        await asyncio.to_thread(kafka.stop)
        for file in (kafka.data / f"{own.topic}-0").iterdir():
            if file.name != "partition.metadata":
                file.unlink()
        await asyncio.to_thread(kafka.start)
        await own.tell(0, 2, 90)
        await own.tell(1, 3, 20)
        await own.caught_up([1])
        await until(lambda: codes(processor))
        assert codes(processor)[0] in ("log-cut", "log-replaced")
    assert await own.positions() == {0: 60, 1: 20}


async def test_broker_killed_and_back(own: Stage, home: Path) -> None:
    await own.tell(0, 1, 60)
    async with own.running():
        await own.caught_up()
        await asyncio.to_thread(local.Kafka(home).restart, True)
        await own.tell(0, 2, 60)
        await own.tell(1, 3, 60)
        await own.caught_up()
    assert await own.tallies() == own.counts()


async def test_database_stopped_at_once_and_back(own: Stage, home: Path) -> None:
    postgres = local.Postgres(home)
    await own.tell(0, 1, 60)
    async with own.running() as processor:
        await own.caught_up()
        await asyncio.to_thread(postgres.stop, "immediate")
        for client in range(10, 20):
            await own.tell(client % 2, client, 60)
        await until(lambda: processor.telemetry.retries.labels(own.topic, 0)._value.get() > 0)
        await asyncio.to_thread(postgres.start)
        await own.caught_up()
    assert await own.tallies() == own.counts()
