"""A gateway that people without an account reach, while cases are folded."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI

from services.gateway.app import make
from services.gateway.parts import Parts, opened
from services.runtime.settings import Settings
from tests.support import doors, linking, people, reading
from tests.support.admitting import CLINIC, SHELTER


@pytest.fixture
def settings(begun: Settings) -> Settings:
    """A deployment that was just founded, whose mails go into a folder."""
    return replace(begun, public_url=people.PUBLIC, smtp="folder", limit_signins=100_000)


@pytest.fixture
async def parts(settings: Settings) -> AsyncIterator[Parts]:
    """The gateway's parts, with partners that can speak, one of which has its mails sent somewhere."""
    async with opened(settings) as made:
        await reading.prepared(made)
        await linking.addressed(made)
        async with doors.folding(settings):
            yield made


@pytest.fixture
def app(parts: Parts) -> FastAPI:
    """The application, which several browsers may ask."""
    return make(parts)


@pytest.fixture
async def browser(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of somebody without an account."""
    async with people.browser(app) as made:
        yield made


@pytest.fixture
async def other(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody else's, at another address."""
    async with people.browser(app, "198.51.100.9") as made:
        yield made


@pytest.fixture
async def clinic(parts: Parts) -> AsyncIterator[httpx.AsyncClient]:
    """The clinic's system, which makes offers."""
    async with doors.partner(parts, CLINIC) as made:
        yield made


@pytest.fixture
async def shelter(parts: Parts) -> AsyncIterator[httpx.AsyncClient]:
    """The shelter's own system."""
    async with doors.partner(parts, SHELTER) as made:
        yield made
