"""Fixtures for every ring; a server is started only when a test asks for one."""

import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog

from services.ops import local
from services.runtime.settings import Settings
from tests.support import databases, topics
from tests.support.founded import PARTITIONS, Founded
from tests.support.founded import founded as founding


def pytest_configure() -> None:
    """Leave in order on SIGTERM as on Ctrl-C, so that servers are stopped too."""
    # A processor run within a test must not write into what a command of the same test prints.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.__stderr__))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # A shell starts what runs in its background with Ctrl-C ignored, and processes started here would ignore it too.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[local.Servers]:
    """Kafka and PostgreSQL for the whole session: those named in the environment, else embedded ones.

    A test that stops or kills servers brings up its own.
    """
    kafka, postgres = os.environ.get("MANYHANDS_KAFKA"), os.environ.get("MANYHANDS_POSTGRES")
    if kafka and postgres:
        yield local.Servers(kafka, postgres)
        return
    home = tmp_path_factory.mktemp("servers")
    try:
        yield local.up(home)
    finally:
        local.reset(home)


@pytest.fixture(scope="session")
def kafka(servers: local.Servers) -> str:
    """The brokers of this session, `host:port,…`."""
    return servers.kafka


@pytest.fixture
async def database(servers: local.Servers) -> AsyncIterator[str]:
    """The URI of an empty database that only this test uses."""
    async with databases.fresh(servers.postgres) as uri:
        yield uri


@pytest.fixture(scope="session")
async def founded(servers: local.Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Founded]:
    """An initiative of four partners that can speak and one that has signed nothing, to begin deployments with."""
    async with founding(servers, tmp_path_factory.mktemp("founded")) as made:
        yield made


@pytest.fixture
async def topic_prefix(servers: local.Servers) -> AsyncIterator[str]:
    """A prefix for topic names that only this test uses; its topics are deleted afterwards."""
    async with topics.prefix(servers.kafka) as chosen:
        yield chosen


@pytest.fixture
async def begun(servers: local.Servers, founded: Founded, topic_prefix: str, tmp_path: Path) -> AsyncIterator[Settings]:
    """A deployment that only this test uses, with that initiative and nothing else on its log."""
    async with databases.fresh(servers.postgres, founded.database) as uri:
        made = Settings(tmp_path, servers.kafka, uri, topic_prefix=topic_prefix, partitions=PARTITIONS, gateway_port=0)
        await founded.into(made)
        yield made
