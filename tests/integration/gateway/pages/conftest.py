"""A gateway that staff of three partners reach, while what they say is folded."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from services.gateway.app import make
from services.gateway.parts import Parts, opened
from services.runtime.log import create_topics
from services.runtime.settings import Settings
from tests.support import doors, people, reading, staffing
from tests.support.admitting import CLINIC, NEWCOMER, SHELTER, found
from tests.support.surfing import Surfer


@pytest.fixture
async def settings(kafka: str, database: str, topic_prefix: str, tmp_path: Path) -> Settings:
    """A deployment with empty topics."""
    made = Settings(tmp_path, kafka, database, topic_prefix=topic_prefix, partitions=3, gateway_port=0)
    await create_topics(made)
    return replace(made, public_url=people.PUBLIC, smtp="folder")


@pytest.fixture
async def parts(settings: Settings) -> AsyncIterator[Parts]:
    """The gateway's parts, with an initiative and somebody at each partner, while cases are folded."""
    async with opened(settings) as made:
        await found(made.admission)
        await reading.prepared(made)
        await staffing.prepared(settings)
        async with doors.folding(settings):
            yield made


@pytest.fixture
def app(parts: Parts) -> FastAPI:
    return make(parts)


@pytest.fixture
async def clinic(app: FastAPI, parts: Parts) -> AsyncIterator[Surfer]:
    """Somebody of the clinic, signed in."""
    async with staffing.surfer(app, parts, CLINIC) as made:
        yield made


@pytest.fixture
async def shelter(app: FastAPI, parts: Parts) -> AsyncIterator[Surfer]:
    """Somebody of the shelter, signed in."""
    async with staffing.surfer(app, parts, SHELTER) as made:
        yield made


@pytest.fixture
async def newcomer(app: FastAPI, parts: Parts) -> AsyncIterator[Surfer]:
    """Somebody of the newcomer, signed in."""
    async with staffing.surfer(app, parts, NEWCOMER) as made:
        yield made


@pytest.fixture
async def stranger(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in which nobody is signed in."""
    async with people.browser(app) as made:
        yield made
