"""A gateway that people reach, with somebody of the clinic who can sign in."""

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
from tests.support import people
from tests.support.admitting import found


@pytest.fixture
async def settings(kafka: str, database: str, topic_prefix: str, tmp_path: Path) -> Settings:
    """A deployment with empty topics, whose mails go into a folder."""
    made = Settings(tmp_path, kafka, database, topic_prefix=topic_prefix, partitions=3, gateway_port=0)
    await create_topics(made)
    return replace(made, public_url=people.PUBLIC, smtp="folder")


@pytest.fixture
async def parts(settings: Settings) -> AsyncIterator[Parts]:
    """The gateway's parts, with an initiative and a person of the clinic."""
    async with opened(settings) as made:
        await found(made.admission)
        await people.add(settings)
        yield made


@pytest.fixture
def app(parts: Parts) -> FastAPI:
    """The application, which several browsers may ask."""
    return make(parts)


@pytest.fixture
async def browser(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in which nobody is signed in."""
    async with people.browser(app) as made:
        yield made


@pytest.fixture
async def other(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody else's browser, at another address."""
    async with people.browser(app, "198.51.100.9") as made:
        yield made
