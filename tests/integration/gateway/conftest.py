"""A gateway over a real log and a real database, in this process."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from services.gateway.app import make
from services.gateway.parts import Parts, opened
from services.runtime.log import create_topics
from services.runtime.settings import Settings
from tests.support import doors, reading
from tests.support.admitting import CLINIC, NEWCOMER, SHELTER, found


@pytest.fixture
async def settings(kafka: str, database: str, topic_prefix: str, tmp_path: Path) -> Settings:
    """A deployment with empty topics of three partitions."""
    made = Settings(tmp_path, kafka, database, topic_prefix=topic_prefix, partitions=3, gateway_port=0)
    await create_topics(made)
    return made


@pytest.fixture
async def parts(settings: Settings) -> AsyncIterator[Parts]:
    """The gateway's parts, with an initiative of four partners that can speak and one that has signed nothing."""
    async with opened(settings) as made:
        await found(made.admission)
        yield made


@pytest.fixture
async def clinic(parts: Parts) -> AsyncIterator[httpx.AsyncClient]:
    """The clinic's system at the door."""
    async with doors.partner(parts, CLINIC) as made:
        yield made


@pytest.fixture
async def shelter(parts: Parts) -> AsyncIterator[httpx.AsyncClient]:
    """The shelter's system at the door."""
    async with doors.partner(parts, SHELTER) as made:
        yield made


@pytest.fixture
async def stranger(parts: Parts) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody without a token."""
    async with doors.client(make(parts)) as made:
        yield made


@pytest.fixture
async def told(parts: Parts) -> AsyncIterator[Parts]:
    """The parts with more partners and services, while what is said is folded."""
    await reading.prepared(parts)
    async with doors.folding(parts.settings):
        yield parts


@pytest.fixture
async def newcomer(parts: Parts) -> AsyncIterator[httpx.AsyncClient]:
    """The newcomer's system at the door."""
    async with doors.partner(parts, NEWCOMER) as made:
        yield made
