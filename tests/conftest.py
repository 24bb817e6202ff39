"""Fixtures for every ring; a server is started only when a test asks for one."""

import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator

import pytest
import structlog

from services.ops import local
from tests.support import databases, topics


def pytest_configure() -> None:
    """Leave in order on SIGTERM as on Ctrl-C, so that servers are stopped too."""
    # A processor run within a test must not write into what a command of the same test prints.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.__stderr__))
    signal.signal(signal.SIGTERM, signal.default_int_handler)


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


@pytest.fixture
async def topic_prefix(servers: local.Servers) -> AsyncIterator[str]:
    """A prefix for topic names that only this test uses; its topics are deleted afterwards."""
    async with topics.prefix(servers.kafka) as chosen:
        yield chosen
