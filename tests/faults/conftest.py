"""Servers of their own, as these tests stop and kill them, and an arena for each test."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from events import topics
from services.ops import local
from services.runtime import log
from services.runtime.settings import Settings
from tests.faults.arena import Arena
from tests.faults.traffic import Traffic
from tests.support import databases
from tests.support import topics as names

PARTITIONS = 4
#: Every test runs once for each seed; a soak asks for more of them.
SEEDS = range(1, 1 + int(os.environ.get("MANYHANDS_SOAK", "1")))


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("faulty")
    local.up(folder)
    yield folder
    local.reset(folder)


@pytest.fixture(params=SEEDS, ids=lambda seed: f"seed-{seed}")
def seed(request: pytest.FixtureRequest) -> int:
    """What every choice of the test follows from: the log's records and the moments of the faults."""
    return int(request.param)


@pytest.fixture
async def arena(home: Path, tmp_path: Path, seed: int) -> AsyncIterator[Arena]:
    servers = local.up(home)
    async with databases.fresh(servers.postgres) as uri, names.prefix(servers.kafka) as prefix:
        settings = Settings(
            tmp_path, servers.kafka, uri, topic_prefix=prefix, partitions=PARTITIONS, session=6, batch=60
        )
        await log.create_topics(settings, [topics.CASES])
        yield Arena(settings, Traffic(seed, PARTITIONS))
