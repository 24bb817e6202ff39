"""Sessions: known by a cookie alone, ended by time and by hand, and used by no other site."""

from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from services.gateway.parts import Parts
from services.runtime.settings import Settings
from tests.support import people
from tests.support.admitting import CLINIC, NEWCOMER
from tests.support.doors import token
from tests.support.events import INITIATIVE, ident
from tests.support.people import ADA, csrf, proof, sign_in


async def test_cookie_is_out_of_reach_of_scripts_and_other_sites(
    browser: httpx.AsyncClient, settings: Settings
) -> None:
    path = await people.link(browser, settings)
    entered = await browser.post(path, data={"csrf": proof(await browser.get(path))})
    [session] = [each for each in entered.headers.get_list("set-cookie") if each.startswith("__Host-session=")]
    assert {"HttpOnly", "Path=/", "SameSite=lax", "Secure"} <= set(session.split("; "))
    assert "Domain" not in session


async def test_signing_in_always_makes_another_cookie_and_ends_the_one_before(
    browser: httpx.AsyncClient, settings: Settings, parts: Parts
) -> None:
    browser.cookies.set("__Host-session", "a" * 43, domain="door.example")
    await sign_in(browser, settings)
    first = browser.cookies["__Host-session"]
    assert first != "a" * 43
    assert await parts.people.sessions.find("a" * 43) is None
    second = await parts.people.sessions.open(ADA, first)
    assert await parts.people.sessions.find(first) is None
    assert await parts.people.sessions.find(second) is not None


async def test_session_ends_when_idle_and_at_its_end(parts: Parts) -> None:
    text = await parts.people.sessions.open(ADA)
    assert await parts.people.sessions.find(text) is not None
    assert await parts.people.sessions.find(text, idle=timedelta()) is None
    assert await parts.people.sessions.find(await parts.people.sessions.open(ADA, life=timedelta())) is None


async def test_tampered_cookie_is_nobody(browser: httpx.AsyncClient, settings: Settings) -> None:
    await sign_in(browser, settings)
    text = browser.cookies["__Host-session"]
    for other in (
        text[:-1] + ("A" if text[-1] != "A" else "B"),
        text.swapcase(),
        text + "A",
        "",
        "é" * 43,
        "\x00" * 43,
    ):
        browser.cookies.clear()
        answer = await browser.get("/v1/me", headers=[(b"Cookie", f"__Host-session={other}".encode("latin-1"))])
        assert answer.status_code == 401
    assert (await browser.get("/me", headers={"Cookie": "__Host-session=x"})).headers["location"] == "/signin"


async def test_signing_out_ends_the_session(browser: httpx.AsyncClient, settings: Settings, parts: Parts) -> None:
    await sign_in(browser, settings)
    text = browser.cookies["__Host-session"]
    left = await browser.post("/signout", data={"csrf": proof(await browser.get("/me"))})
    assert left.headers["location"] == "/signin"
    assert "__Host-session" not in browser.cookies
    assert await parts.people.sessions.find(text) is None


async def test_one_s_own_sessions_are_listed_and_ended(
    browser: httpx.AsyncClient, other: httpx.AsyncClient, settings: Settings
) -> None:
    await sign_in(browser, settings)
    await sign_in(other, settings)
    listed = (await browser.get("/v1/sessions")).json()["sessions"]
    assert [each["current"] for each in listed] == [True, False]
    ended = await browser.delete(f"/v1/sessions/{listed[1]['session']}", headers=await csrf(browser))
    assert ended.status_code == 204
    assert (await other.get("/v1/me")).status_code == 401
    assert (await browser.get("/v1/me")).status_code == 200


async def test_page_ends_another_session(
    browser: httpx.AsyncClient, other: httpx.AsyncClient, settings: Settings
) -> None:
    await sign_in(browser, settings)
    await sign_in(other, settings)
    [mine, that] = (await browser.get("/v1/sessions")).json()["sessions"]
    page = await browser.get("/me")
    assert that["session"] in page.text
    assert mine["session"] not in page.text
    await browser.post("/me/sessions", data={"csrf": proof(page), "session": that["session"]})
    assert (await other.get("/v1/me")).status_code == 401


async def test_somebody_else_s_session_is_not_found(
    browser: httpx.AsyncClient, other: httpx.AsyncClient, settings: Settings
) -> None:
    await people.add(settings, "bo@clinic.example", ident("bo"))
    await sign_in(browser, settings)
    await sign_in(other, settings, "bo@clinic.example")
    [bo] = (await other.get("/v1/sessions")).json()["sessions"]
    answer = await browser.delete(f"/v1/sessions/{bo['session']}", headers=await csrf(browser))
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    form = {"csrf": proof(await browser.get("/me")), "session": bo["session"]}
    await browser.post("/me/sessions", data=form)
    assert (await other.get("/v1/me")).status_code == 200


FOREIGN = [
    {},
    {"X-CSRF-Token": ""},
    {"X-CSRF-Token": "x" * 43},
    {"X-CSRF-Token": "own", "Origin": "https://evil.example"},
    {"X-CSRF-Token": "own", "Origin": "null"},
    {"X-CSRF-Token": "own", "Origin": "https://door.example.evil.example"},
    {"X-CSRF-Token": "own", "Sec-Fetch-Site": "cross-site"},
    {"X-CSRF-Token": "own", "Sec-Fetch-Site": "same-site"},
]


@pytest.mark.parametrize("headers", FOREIGN)
async def test_other_sites_change_nothing(
    browser: httpx.AsyncClient, settings: Settings, headers: dict[str, str]
) -> None:
    await sign_in(browser, settings)
    own = await csrf(browser)
    said = headers | (own if headers.get("X-CSRF-Token") == "own" else {})
    body = {"acting": "staff"}
    refused = await browser.put("/v1/me", json=body, headers=said)
    assert (refused.status_code, refused.json()["code"]) == (403, "cross-site")
    for place in ("/signout", "/me/acting", "/me/sessions"):
        form = {"csrf": said.get("X-CSRF-Token", "")}
        others = {name: value for name, value in said.items() if name != "X-CSRF-Token"}
        assert (await browser.post(place, data=form, headers=others)).status_code == 403
    assert (await browser.put("/v1/me", json=body, headers=own | {"Origin": people.PUBLIC})).status_code == 200


async def test_proof_of_one_session_is_worth_nothing_in_another(
    browser: httpx.AsyncClient, other: httpx.AsyncClient, settings: Settings
) -> None:
    await sign_in(browser, settings)
    await sign_in(other, settings)
    answer = await browser.put("/v1/me", json={"acting": "staff"}, headers=await csrf(other))
    assert answer.json()["code"] == "cross-site"


async def test_form_without_its_proof_asks_for_no_link(browser: httpx.AsyncClient, settings: Settings) -> None:
    await browser.get("/signin")
    assert (await browser.post("/signin", data={"email": people.EMAIL})).status_code == 403
    assert (await browser.post("/v1/signin", data={"email": people.EMAIL})).status_code == 422


async def test_who_left_is_out_at_once_with_their_tokens(
    browser: httpx.AsyncClient, app: FastAPI, settings: Settings, parts: Parts
) -> None:
    await sign_in(browser, settings)
    bearer = {"Authorization": f"Bearer {await token(parts, CLINIC, ADA)}"}
    assert (await browser.get("/v1/codes", headers=bearer)).status_code == 200
    await people.deactivate(settings)
    assert (await browser.get("/v1/me")).status_code == 401
    browser.cookies.clear()
    assert (await browser.get("/v1/services", headers=bearer)).status_code == 401


async def test_partner_that_is_suspended_is_out_at_once(
    browser: httpx.AsyncClient, settings: Settings, parts: Parts
) -> None:
    await sign_in(browser, settings)
    bearer = {"Authorization": f"Bearer {await token(parts, CLINIC)}"}
    assert (await browser.get("/v1/partners", headers=bearer)).status_code == 200
    with people.suspended(parts, CLINIC):
        assert (await browser.get("/v1/me")).status_code == 401
        assert (await browser.get("/me")).headers["location"] == "/signin"
        assert (await browser.get("/v1/partners", headers=bearer)).status_code == 401
    assert (await browser.get("/v1/me")).status_code == 200


async def test_partner_nobody_knows_lets_nobody_in(browser: httpx.AsyncClient, settings: Settings) -> None:
    await people.add(settings, "cy@nowhere.example", ident("cy"), partner="nowhere")
    await sign_in(browser, settings, "cy@nowhere.example")
    assert (await browser.get("/v1/me")).status_code == 401


async def test_partner_without_an_agreement_still_signs_in(browser: httpx.AsyncClient, settings: Settings) -> None:
    await people.add(settings, "di@newcomer.example", ident("di"), partner=NEWCOMER)
    await sign_in(browser, settings, "di@newcomer.example")
    me = (await browser.get("/v1/me")).json()
    assert (me["initiative"], me["partner"]) == (INITIATIVE, NEWCOMER)
