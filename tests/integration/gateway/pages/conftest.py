"""A gateway that staff of three partners reach, while what they say is folded."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI

from services.gateway.parts import Parts, opened
from services.runtime.settings import Settings
from tests.support import classes, doors, people, reading, staffing
from tests.support.admitting import CLINIC, NEWCOMER, SHELTER
from tests.support.classes import MEMBERS
from tests.support.events import ident
from tests.support.surfing import Surfer


@pytest.fixture
def settings(begun: Settings) -> Settings:
    """A deployment that was just founded."""
    return replace(begun, public_url=people.PUBLIC, smtp="folder")


@pytest.fixture
async def parts(settings: Settings) -> AsyncIterator[Parts]:
    """The gateway's parts, with an initiative and somebody at each partner, while cases are folded."""
    async with opened(settings) as made:
        await reading.prepared(made)
        await staffing.prepared(settings)
        async with doors.folding(settings):
            yield made


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


@pytest.fixture
async def staff(app: FastAPI, parts: Parts) -> AsyncIterator[dict[str, Surfer]]:
    """Somebody of each member of a class, signed in."""
    await classes.prepared(parts.admission)
    async with AsyncExitStack() as stack:
        found = {}
        for name in MEMBERS:
            await people.add(parts.settings, f"one@{name}.example", ident(f"person of {name}"), name)
            browser = await stack.enter_async_context(people.browser(app))
            text = await parts.people.sessions.open(ident(f"person of {name}"))
            browser.cookies.set("__Host-session", text, domain="door.example")
            found[name] = Surfer(browser)
        yield found
