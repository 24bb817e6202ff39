"""People at the HTTP door, for tests: somebody with an address, a browser, and the mails that were sent."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from services.gateway.parts import Parts
from services.gateway.people.persons import Persons
from services.gateway.store import Keep
from services.runtime.roles import Role
from services.runtime.settings import Settings
from services.runtime.store import connect
from tests.support.admitting import CLINIC
from tests.support.events import INITIATIVE, ident
from tests.support.wait import until

PUBLIC = "https://door.example"
EMAIL, ADA, BO = "ada@clinic.example", ident("ada"), ident("bo")
_LINK = re.compile(r"https://door\.example(/signin/link/[A-Za-z0-9_-]+)")
_PROOF = re.compile(r'name="csrf" value="([^"]+)"')


async def add(settings: Settings, email: str = EMAIL, person: str = ADA, partner: str = CLINIC) -> None:
    """Let a person sign in."""
    async with await connect(settings.postgres, application="test", role=Role.OPERATOR, size=1) as pool:
        assert await Persons(Keep(pool)).add(person, INITIATIVE, partner, email)


async def deactivate(settings: Settings, person: str = ADA) -> None:
    """Let the person sign in no longer."""
    async with await connect(settings.postgres, application="test", role=Role.OPERATOR, size=1) as pool:
        assert await Persons(Keep(pool)).deactivate(person)


async def rows(settings: Settings, query: str, *arguments: object) -> list[Any]:
    """Return what an operator sees by a query."""
    async with await connect(settings.postgres, application="test", role=Role.OPERATOR, size=1) as pool:
        found: list[Any] = await pool.fetch(query, *arguments)
    return found


@contextmanager
def suspended(parts: Parts, partner: str) -> Iterator[None]:
    """Have the partner take no part while the block runs."""
    standing = parts.admission.standing(INITIATIVE)
    before = standing.members[partner]
    standing.take_member(partner, replace(before, active=False))
    try:
        yield
    finally:
        standing.take_member(partner, before)


@asynccontextmanager
async def browser(app: FastAPI, address: str = "192.0.2.7") -> AsyncIterator[httpx.AsyncClient]:
    """Give a browser with cookies of its own."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 50_000))
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC) as made:
        yield made


def proof(page: httpx.Response) -> str:
    """Return what the page's forms prove their origin by."""
    found = _PROOF.search(page.text)
    assert found is not None, page.text
    return found[1]


def mails(settings: Settings) -> list[EmailMessage]:
    """Return the mails in the data folder, in the order of their times."""
    return [parsed(file.read_bytes()) for file in sorted((settings.home / "mail").glob("*.eml"), key=_made)]


def _made(file: Path) -> int:
    return file.stat().st_mtime_ns


def parsed(text: bytes) -> EmailMessage:
    """Return a mail as its reader sees it."""
    return BytesParser(EmailMessage, policy=SMTP).parsebytes(text)


def link_in(mail: EmailMessage) -> str:
    """Return the path of the link that the mail holds."""
    plain = mail.get_body(("plain",))
    found = _LINK.search(plain.get_content()) if plain else None
    assert found is not None
    return found[1]


async def ask(browser: httpx.AsyncClient, email: str = EMAIL) -> httpx.Response:
    """Ask for a link as the page's form does."""
    page = await browser.get("/signin")
    return await browser.post("/signin", data={"csrf": proof(page), "email": email})


async def link(browser: httpx.AsyncClient, settings: Settings, email: str = EMAIL) -> str:
    """Ask for a link and return its path, once the mail is there."""
    before = len(mails(settings))
    assert (await ask(browser, email)).status_code == 303
    await until(lambda: len(mails(settings)) > before)
    return link_in(mails(settings)[-1])


async def sign_in(browser: httpx.AsyncClient, settings: Settings, email: str = EMAIL) -> None:
    """Sign in as somebody does, from the page to the button behind the link."""
    path = await link(browser, settings, email)
    page = await browser.get(path)
    assert (await browser.post(path, data={"csrf": proof(page)})).status_code == 303


async def csrf(browser: httpx.AsyncClient) -> dict[str, str]:
    """Return the header by which a program proves that it acts for whoever is signed in here."""
    return {"X-CSRF-Token": (await browser.get("/v1/me")).json()["csrf"]}
