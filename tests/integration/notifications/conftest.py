"""A gateway, both processors, and a mail server."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import httpx
import pytest

from services.gateway.app import make
from services.gateway.parts import Parts, opened
from services.runtime.settings import Settings
from tests.support import doors, linking, mailbox, people, reading
from tests.support.admitting import CLINIC
from tests.support.mailbox import Mailbox


@pytest.fixture
def served() -> Iterator[tuple[str, Mailbox]]:
    with mailbox.listening() as made:
        yield made


@pytest.fixture
def box(served: tuple[str, Mailbox]) -> Mailbox:
    """The mails that came."""
    return served[1]


@pytest.fixture
def settings(begun: Settings, served: tuple[str, Mailbox]) -> Settings:
    """A deployment that was just founded, whose mails go to that server."""
    mailing = {"public_url": people.PUBLIC, "smtp": served[0], "smtp_security": "none"}
    return replace(begun, limit_signins=100_000, **mailing)  # type: ignore[arg-type]


@pytest.fixture
async def parts(settings: Settings) -> AsyncIterator[Parts]:
    """The gateway's parts, with partners that can speak, one of which has its mails sent somewhere."""
    async with opened(settings) as made:
        await reading.prepared(made)
        await linking.addressed(made)
        async with doors.folding(settings):
            yield made


@pytest.fixture
async def clinic(parts: Parts) -> AsyncIterator[httpx.AsyncClient]:
    """The clinic's system, which makes offers."""
    async with doors.partner(parts, CLINIC) as made:
        yield made


@pytest.fixture
async def browser(parts: Parts) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of somebody without an account."""
    async with people.browser(make(parts)) as made:
        yield made
