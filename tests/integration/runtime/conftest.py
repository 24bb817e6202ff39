"""A stage for each test: a topic of four partitions and an empty database."""

import logging
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from events import topics
from services.ops import local
from services.runtime import log
from services.runtime.logging import configure
from services.runtime.settings import Settings
from tests.support.stage import Stage

PARTITIONS = 4


@pytest.fixture
def written() -> Iterator[StringIO]:
    """What the process writes to its log while the test runs."""
    stream = StringIO()
    root = logging.getLogger()
    before = root.handlers[:], root.level
    configure("json", "info", stream)
    yield stream
    root.handlers[:], root.level = before


@pytest.fixture
async def stage(written: StringIO, servers: local.Servers, database: str, topic_prefix: str, tmp_path: Path) -> Stage:
    settings = Settings(
        tmp_path, servers.kafka, database, topic_prefix=topic_prefix, partitions=PARTITIONS, session=6, batch=50
    )
    await log.create_topics(settings, [topics.CASES])
    return Stage(settings)
