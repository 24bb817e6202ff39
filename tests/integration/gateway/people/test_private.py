"""An e-mail address is in one table of `keep` and in the mail itself, and nowhere else."""

import io
from collections.abc import Iterator

import httpx
import pytest
import structlog

from events.topics import ALL
from services.gateway.parts import Parts
from services.runtime.logging import configure
from services.runtime.settings import Settings
from tests.support import people
from tests.support.admitting import records
from tests.support.canary import Search
from tests.support.events import ident
from tests.support.people import csrf, proof

ADDRESS = "zaphrodite.quillfeather@birdywhistle.example"
SEARCH = Search([ADDRESS, "zaphrodite", "quillfeather", "birdywhistle"])


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that the gateway logs."""
    before = structlog.get_config()
    stream = io.StringIO()
    configure("json", "info", stream)
    yield stream
    structlog.configure(**before)


async def _lived(browser: httpx.AsyncClient, settings: Settings, parts: Parts) -> list[httpx.Response]:
    """Do all that has to do with an address, and what goes wrong with one."""
    await people.add(settings, ADDRESS, ident("zaphrodite"))
    page = await browser.get("/signin")
    answers = [
        page,
        await people.ask(browser, ADDRESS),
        await browser.post("/v1/signin", json={"email": ADDRESS}),
        await browser.post("/v1/signin", json={"email": ADDRESS * 20}),
        await browser.post("/v1/signin", json={ADDRESS: ADDRESS}),
        await browser.post("/v1/signin", content=f'{{"email": "{ADDRESS}'.encode()),
        await browser.post("/signin", data={"email": ADDRESS}),
        await browser.post("/signin", data={"csrf": proof(page), "email": f"{ADDRESS}\r\nBcc: {ADDRESS}"}),
        await browser.get(f"/signin/link/{ADDRESS}"),
        await browser.get("/signin/oidc/back", params={"email": ADDRESS}),
    ]
    await people.sign_in(browser, settings, ADDRESS)
    answers += [
        await browser.get("/me"),
        await browser.get("/v1/me"),
        await browser.get("/v1/sessions"),
        await browser.put("/v1/me", json={"acting": ADDRESS}, headers=await csrf(browser)),
        await browser.delete(f"/v1/sessions/{ADDRESS}", headers=await csrf(browser)),
        await browser.get("/v1/partners", headers={"Authorization": f"Bearer {ADDRESS}"}),
    ]
    await people.deactivate(settings, ident("zaphrodite"))
    return answers


async def test_address_is_nowhere_else(
    browser: httpx.AsyncClient, settings: Settings, parts: Parts, log: io.StringIO
) -> None:
    answers = await _lived(browser, settings, parts)
    assert not any(answer.status_code >= 500 for answer in answers)
    told = "\n".join(f"{answer.headers}\n{answer.text}" for answer in answers)
    assert SEARCH.text("answers", told.encode()) == set()
    assert "/signin/link/{secret}" in log.getvalue()
    assert SEARCH.text("log", log.getvalue().encode()) == set()
    assert SEARCH.text("metrics", parts.telemetry.text()) == set()
    for topic in ALL:
        for record in await records(settings, topic):
            assert SEARCH.text(topic.family, (record.key or b"") + (record.value or b"")) == set()
    found = {name for name in await _tables(settings) if SEARCH.text(name, (await _rows(settings, name)).encode())}
    assert found == {"keep.person"}
    files = [file for file in settings.home.rglob("*") if file.is_file() and file.parent.name != "mail"]
    assert [file.name for file in files if SEARCH.file(file)] == []


async def test_secrets_of_links_and_sessions_are_nowhere(
    browser: httpx.AsyncClient, settings: Settings, log: io.StringIO
) -> None:
    path = await people.link(browser, settings)
    entered = await browser.post(path, data={"csrf": proof(await browser.get(path))})
    assert entered.status_code == 303
    texts = (path.rpartition("/")[2], browser.cookies["__Host-session"])
    kept = "".join([await _rows(settings, name) for name in await _tables(settings)]) + log.getvalue()
    assert [text for text in texts if text in kept] == []


async def _tables(settings: Settings) -> list[str]:
    query = (
        "select format('%I.%I', schemaname, tablename) from pg_tables"
        " where schemaname not in ('pg_catalog', 'information_schema') and tablename <> 'migration'"
    )
    return [row[0] for row in await people.rows(settings, query)]


async def _rows(settings: Settings, name: str) -> str:
    return "\n".join(row[0] for row in await people.rows(settings, f"select t::text from {name} t"))  # noqa: S608
