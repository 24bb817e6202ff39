"""What a link is worth before its code, and to whom it is worth nothing."""

import asyncio
import io
from datetime import timedelta
from typing import Any

import httpx
import orjson
import pytest

from events.topics import ALL
from services.gateway.links import given
from services.gateway.parts import Parts
from services.runtime import logging
from services.runtime.settings import Settings
from tests.support import linking, people, reading
from tests.support.admitting import CLINIC, SHELTER, records
from tests.support.canary import Search
from tests.support.linking import code_for, enter, path_of
from tests.support.people import proof


async def _everything(settings: Settings) -> tuple[dict[str, int], dict[str, Any]]:
    """Return how many records every topic has, and every row of every table."""
    query = (
        "select format('%I.%I', schemaname, tablename) from pg_tables"
        " where schemaname not in ('pg_catalog', 'information_schema') and schemaname not like 'pg\\_temp%'"
    )
    names = [row[0] for row in await people.rows(settings, query)]
    tables = {
        name: sorted(row[0] for row in await people.rows(settings, f"select t::text from {name} t"))  # noqa: S608
        for name in names
    }
    return {topic.family: len(await records(settings, topic)) for topic in ALL}, tables


async def test_scanners_change_nothing_and_see_nothing(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, other: httpx.AsyncClient, settings: Settings
) -> None:
    made = await linking.linked(clinic, *await linking.offered(clinic))
    path, unknown = path_of(made["url"]), "/l/" + "A" * 43
    before = await _everything(settings)
    plain = await browser.get(path)
    for each in range(200):
        for scanner in (browser, other):
            scanner.cookies.clear()
            sent = {"Sec-Purpose": "prefetch;prerender"} if each % 2 else {"User-Agent": "scanner"}
            answer = await scanner.get(path, headers=sent)
            assert answer.status_code == 200
            assert (await scanner.head(path)).status_code == 405
            assert (await scanner.options(path)).status_code == 405
    nobody = await other.get(unknown)
    assert await _everything(settings) == before
    assert linking.codes(settings) == []
    for text in (CLINIC, SHELTER, "Clinic", "Shelter", "bed", "shelter", "offer", made["link"]):
        assert text not in plain.text
    assert _without_proof(plain, path) == _without_proof(nobody, unknown)
    assert {plain.headers[name] for name in ("cache-control",)} == {"no-store"}
    assert plain.headers["referrer-policy"] == "no-referrer"


def _without_proof(answer: httpx.Response, path: str) -> str:
    return answer.text.replace(proof(answer), "").replace(path, "")


async def test_five_wrong_codes_end_the_link(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings
) -> None:
    made = await linking.linked(clinic, *await linking.offered(clinic))
    path = path_of(made["url"])
    code = await code_for(browser, settings, path)
    wrong = f"{(int(code) + 1) % 10**8:08d}"
    for _ in range(4):
        assert (await enter(browser, path, wrong)).status_code == 422
    [shown] = (await clinic.get("/v1/links")).json()["links"]
    assert shown["tries"] == 1
    assert (await enter(browser, path, wrong)).status_code == 422
    assert (await enter(browser, path, code)).status_code == 422
    assert "link" not in "".join(browser.cookies.keys())
    await browser.post(path, data={"csrf": proof(await browser.get(path))})
    assert await linking.asked(settings) == 1


async def test_last_try_may_be_the_right_one(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings
) -> None:
    made = await linking.linked(clinic, *await linking.offered(clinic))
    path = path_of(made["url"])
    code = await code_for(browser, settings, path)
    for _ in range(4):
        await enter(browser, path, "0000000x")
    assert (await enter(browser, path, code)).status_code == 303


async def test_many_at_once_have_five_tries_together(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings, parts: Parts
) -> None:
    made = await linking.linked(clinic, *await linking.offered(clinic))
    path = path_of(made["url"])
    code = await code_for(browser, settings, path)
    mark = proof(await browser.get(path))
    guesses = [f"{(int(code) + 1 + each) % 10**8:08d}" for each in range(40)]
    answers = await asyncio.gather(
        *(browser.post(f"{path}/code", data={"csrf": mark, "code": each}) for each in guesses)
    )
    assert {each.status_code for each in answers} == {422}
    [shown] = (await clinic.get("/v1/links")).json()["links"]
    assert shown["tries"] == 0
    assert (await enter(browser, path, code)).status_code == 422


async def test_code_is_worth_nothing_in_another_browser_or_twice(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, other: httpx.AsyncClient, settings: Settings
) -> None:
    made = await linking.linked(clinic, *await linking.offered(clinic))
    path = path_of(made["url"])
    code = await code_for(browser, settings, path)
    assert (await enter(other, path, code)).status_code == 422
    assert (await enter(browser, path, code)).status_code == 303
    assert (await enter(browser, path, code)).status_code == 422
    assert (await other.get("/offer")).status_code == 410


async def test_code_is_too_old_after_a_while(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(given, "CODE_LIFE", timedelta(0))
    made = await linking.linked(clinic, *await linking.offered(clinic))
    path = path_of(made["url"])
    assert (await enter(browser, path, await code_for(browser, settings, path))).status_code == 422


@pytest.mark.parametrize("name", ["LIFE", "IDLE"])
async def test_session_ends_by_itself(
    name: str,
    clinic: httpx.AsyncClient,
    browser: httpx.AsyncClient,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(getattr(given, name), "offer", timedelta(0))
    made = await linking.linked(clinic, *await linking.offered(clinic))
    assert (await linking.opened(browser, settings, path_of(made["url"]))).status_code == 410


async def test_closing_ends_the_session(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings
) -> None:
    made = await linking.linked(clinic, *await linking.offered(clinic))
    page = await linking.opened(browser, settings, path_of(made["url"]))
    cookie = browser.cookies["__Host-link"]
    assert (await browser.post("/offer/leave", data={"csrf": proof(page)})).status_code == 200
    browser.cookies.set("__Host-link", cookie)
    assert (await browser.get("/offer")).status_code == 410


async def test_form_of_another_site_or_another_session_is_not_taken(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings
) -> None:
    made = await linking.linked(clinic, *await linking.offered(clinic))
    path = path_of(made["url"])
    mark = proof(await browser.get(path))
    foreign: list[dict[str, str]] = [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}]
    for headers in foreign:
        assert (await browser.post(path, data={"csrf": mark}, headers=headers)).status_code == 403
    assert (await browser.post(path, data={"csrf": "x"})).status_code == 403
    hidden = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    assert (await browser.post(path, data={"csrf": mark}, headers=hidden)).status_code == 200
    another = await linking.linked(clinic, *await linking.offered(clinic, "2"))
    first = await linking.opened(browser, settings, path_of(another["url"]))
    second = await linking.linked(clinic, *await linking.offered(clinic, "3"))
    await linking.opened(browser, settings, path_of(second["url"]))
    answer = await browser.post("/offer/offer-accepted", data={"csrf": proof(first)})
    assert answer.status_code == 403


SEARCH = Search((reading.NAME, "desk-of-quillfeather@shelter.example"))


async def test_names_and_addresses_are_nowhere_before_the_code(
    clinic: httpx.AsyncClient, browser: httpx.AsyncClient, settings: Settings, parts: Parts
) -> None:
    log = io.StringIO()
    logging.configure("json", "info", log)
    address = "desk-of-quillfeather@shelter.example"
    await linking.addressed(parts, email=address)
    made = await linking.linked(clinic, *await linking.offered(clinic))
    path = path_of(made["url"])
    answers = [await browser.get(path), await browser.post(path), await browser.get(f"/l/{address}")]
    code = await code_for(browser, settings, path)
    answers += [await enter(browser, path, reading.NAME), await enter(browser, path, address)]
    answers += [await enter(browser, path, code), await browser.get("/offer"), await browser.get(f"/offer/{address}")]
    answers += [await clinic.get("/v1/links"), await clinic.post("/v1/links", json={"kind": address})]
    told = "\n".join(
        f"{answer.url} {answer.headers}\n{answer.text}"
        for answer in answers
        if "bearer" not in str(answer.request.headers)
    )
    told = told.replace(f"/l/{address.replace('@', '%40')}", "").replace(f"/offer/{address.replace('@', '%40')}", "")
    assert SEARCH.text("answers", told.replace(f"/l/{address}", "").replace(f"/offer/{address}", "").encode()) == set()
    assert SEARCH.text("log", log.getvalue().encode()) == set()
    assert path.rpartition("/")[2] not in log.getvalue()
    assert code not in log.getvalue()
    assert "/l/{secret}" in log.getvalue()
    for mail in people.mails(settings):
        body = mail.get_body(("plain",))
        assert body is not None
        assert SEARCH.text("mail", f"{mail['Subject']}{body.get_content()}".encode()) == set()
    for topic in ALL:
        for record in await records(settings, topic):
            assert SEARCH.text(topic.family, (record.key or b"") + (record.value or b"")) == set()
    _, tables = await _everything(settings)
    found = {name for name, rows in tables.items() if SEARCH.text(name, "\n".join(rows).encode())}
    assert found == {"keep.address", "keep.given_link"}
    kept = orjson.dumps(tables).decode()
    assert path.rpartition("/")[2] not in kept
    assert browser.cookies["__Host-link"] not in kept
    assert code not in kept
