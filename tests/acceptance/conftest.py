"""One start of the servers for all of what is promised here."""

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import asyncpg
import pytest

from services.ops import local
from tests.support.deployment import Deployment

#: Few, so that the whole log is soon read.
FEW = {"MANYHANDS_PARTITIONS": "2", "MANYHANDS_SESSION": "6"}
Deploy = Callable[[str], Awaitable[Deployment]]


@pytest.fixture(scope="package")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data folder of running servers, which the tests may stop and start again."""
    folder = tmp_path_factory.mktemp("home")
    try:
        local.up(folder)
        yield folder
    finally:
        local.reset(folder)


@pytest.fixture(scope="package")
def lone(home: Path) -> Deployment:
    """The deployment that has the servers' own folder, and finds them by it."""
    return Deployment(home, **FEW)


@pytest.fixture(scope="package")
def deploy(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Deploy:
    """Make a deployment with a database, topics and a folder of its own on the running servers."""

    async def made(name: str) -> Deployment:
        servers = local.up(home)
        connection = await asyncpg.connect(servers.postgres)
        try:
            await connection.execute(f"create database {name}")
        finally:
            await connection.close()
        uri = servers.postgres.replace("@/manyhands?", f"@/{name}?")
        named = {"MANYHANDS_KAFKA": servers.kafka, "MANYHANDS_POSTGRES": uri, "MANYHANDS_TOPIC_PREFIX": f"{name}."}
        return Deployment(tmp_path_factory.mktemp(name), **FEW, **named)

    return made
