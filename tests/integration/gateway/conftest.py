"""A gateway over a real log and a real database, in this process."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from projections.disclosure import DISCLOSURE
from services.gateway.app import make
from services.gateway.parts import Parts, opened
from services.runtime.settings import Settings
from tests.support import doors, people, reading
from tests.support.admitting import CLINIC, NEWCOMER, SHELTER


@pytest.fixture
def settings(begun: Settings) -> Settings:
    """A deployment with an initiative of four partners that can speak and one that has signed nothing."""
    return begun


@pytest.fixture
async def parts(settings: Settings) -> AsyncIterator[Parts]:
    """The gateway's parts, with an initiative of four partners that can speak and one that has signed nothing."""
    async with opened(settings) as made:
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
async def stranger(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody without a token."""
    async with doors.client(app) as made:
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


@pytest.fixture
async def counted(told: Parts) -> AsyncIterator[Parts]:
    """The parts, while disclosures are folded beside cases."""
    async with doors.folding(told.settings, DISCLOSURE):
        yield told
