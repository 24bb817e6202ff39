"""Tokens over HTTP: who manages which, and that nobody gains by it."""

import httpx
import pytest
from fastapi import FastAPI

from services.gateway.parts import Parts
from services.runtime.roles import Role
from services.runtime.settings import Settings
from services.runtime.store import connect
from tests.support import people
from tests.support.admitting import BACKBONE, CLINIC, REGISTRAR, SHELTER, codes, registrar, said
from tests.support.doors import token
from tests.support.people import ADA, csrf, sign_in

WANTED = {"partner": CLINIC, "scopes": ["event.post", "directory.read"]}


async def _administers(parts: Parts) -> None:
    row = said("partner.role_assigned", "ada", {"person_id": ADA, "role": "partner-admin"}, subject=CLINIC)
    assert codes(await parts.admission.admit(registrar, [row])) == [None]


@pytest.fixture
async def admin(browser: httpx.AsyncClient, settings: Settings, parts: Parts) -> httpx.AsyncClient:
    """The clinic's administrator, signed in."""
    await _administers(parts)
    await sign_in(browser, settings)
    browser.headers.update(await csrf(browser))
    return browser


@pytest.fixture
async def backbone(other: httpx.AsyncClient, settings: Settings) -> httpx.AsyncClient:
    """The registrar, signed in and acting as such."""
    await people.add(settings, "one@together.example", REGISTRAR, BACKBONE)
    await sign_in(other, settings, "one@together.example")
    other.headers.update(await csrf(other))
    await other.put("/v1/me", json={"acting": "registrar"})
    return other


async def test_staff_without_the_role_manage_nothing(
    browser: httpx.AsyncClient, settings: Settings, parts: Parts
) -> None:
    await sign_in(browser, settings)
    browser.headers.update(await csrf(browser))
    assert (await browser.get("/v1/tokens")).status_code == 403
    assert (await browser.post("/v1/tokens", json=WANTED)).status_code == 403
    await _administers(parts)
    assert (await browser.post("/v1/tokens", json=WANTED)).status_code == 201


async def test_token_is_issued_rotated_and_revoked(admin: httpx.AsyncClient, app: FastAPI) -> None:
    first = (await admin.post("/v1/tokens", json=WANTED)).json()
    second = (await admin.post(f"/v1/tokens/{first['prefix']}/rotate", json={"overlap_hours": 1})).json()
    async with people.browser(app) as system:
        for text in (first["token"], second["token"]):
            known = await system.get("/v1/partners", headers={"Authorization": f"Bearer {text}"})
            assert known.status_code == 200
        assert (await admin.post(f"/v1/tokens/{first['prefix']}/revoke")).json()["revoked"] is not None
        gone = await system.get("/v1/partners", headers={"Authorization": f"Bearer {first['token']}"})
        assert gone.status_code == 401
    listed = (await admin.get("/v1/tokens")).json()["tokens"]
    assert {each["prefix"] for each in listed} == {first["prefix"], second["prefix"]}
    assert first["token"].split("_", 2)[2] not in str(listed)


async def test_second_rotation_of_a_token_is_told_that_there_is_a_successor(admin: httpx.AsyncClient) -> None:
    first = (await admin.post("/v1/tokens", json=WANTED)).json()
    place = f"/v1/tokens/{first['prefix']}/rotate"
    answers = [await admin.post(place, json={}), await admin.post(place, json={})]
    assert [each.status_code for each in answers] == [201, 409]
    assert answers[1].json()["code"] == "already-replaced"


async def test_whoever_manages_tokens_is_noted(backbone: httpx.AsyncClient, settings: Settings, parts: Parts) -> None:
    first = (await backbone.post("/v1/tokens", json=WANTED | {"partner": SHELTER})).json()["prefix"]
    second = (await backbone.post(f"/v1/tokens/{first}/rotate", json={})).json()["prefix"]
    await backbone.post(f"/v1/tokens/{first}/revoke")
    await token(parts, SHELTER)
    async with await connect(settings.postgres, application="test", size=1, role=Role.OPERATOR) as pool:
        rows = await pool.fetch("select person::text, code, target from keep.act order by at")
    assert [tuple(row) for row in rows] == [
        (REGISTRAR, "token.issued", first),
        (REGISTRAR, "token.rotated", second),
        (REGISTRAR, "token.revoked", first),
    ]


async def test_another_partner_s_tokens_do_not_exist(
    admin: httpx.AsyncClient, backbone: httpx.AsyncClient, parts: Parts
) -> None:
    foreign = (await token(parts, SHELTER)).split("_")[1]
    for answer in (
        await admin.post("/v1/tokens", json=WANTED | {"partner": SHELTER}),
        await admin.post(f"/v1/tokens/{foreign}/revoke"),
        await admin.post(f"/v1/tokens/{foreign}/rotate", json={}),
        await admin.post("/v1/tokens/aaaaaaaa/revoke"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert foreign not in (await admin.get("/v1/tokens")).text
    assert foreign in (await backbone.get("/v1/tokens")).text
    assert (await backbone.post(f"/v1/tokens/{foreign}/revoke")).status_code == 200
    issued = await backbone.post("/v1/tokens", json=WANTED | {"partner": SHELTER})
    assert issued.status_code == 201
    assert (await backbone.post("/v1/tokens", json=WANTED | {"partner": "nowhere"})).status_code == 404


@pytest.mark.parametrize("scope", ["referral.read", "sealed.open", "feed.read"])
async def test_registrar_reads_as_no_partner_that_administers_itself(
    backbone: httpx.AsyncClient, settings: Settings, parts: Parts, scope: str
) -> None:
    """Negative control: with no administrator, or with one who left, a registrar sees to the partner's tokens."""
    wanted = WANTED | {"scopes": ["event.post", scope]}
    first = (await backbone.post("/v1/tokens", json=wanted)).json()["prefix"]
    await _administers(parts)
    for answer in (
        await backbone.post("/v1/tokens", json=wanted),
        await backbone.post(f"/v1/tokens/{first}/rotate", json={}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "partner-administers")
    assert len(await parts.tokens.list("riverbend", CLINIC)) == 1
    assert (await backbone.post("/v1/tokens", json=WANTED)).status_code == 201
    assert (await backbone.post("/v1/tokens", json=wanted | {"partner": BACKBONE})).status_code == 201
    assert (await backbone.post("/v1/tokens", json=wanted | {"partner": SHELTER})).status_code == 201
    await people.deactivate(settings)
    assert (await backbone.post(f"/v1/tokens/{first}/rotate", json={})).status_code == 201


async def test_administrator_gives_tokens_that_read(admin: httpx.AsyncClient) -> None:
    made = await admin.post("/v1/tokens", json=WANTED | {"scopes": ["referral.read", "sealed.open"]})
    assert made.status_code == 201
    assert (await admin.post(f"/v1/tokens/{made.json()['prefix']}/rotate", json={})).status_code == 201


async def test_nobody_gets_a_token_that_speaks_for_somebody_else(backbone: httpx.AsyncClient, parts: Parts) -> None:
    theirs = (await token(parts, CLINIC, ADA)).split("_")[1]
    assert (await backbone.post(f"/v1/tokens/{theirs}/rotate", json={})).status_code == 403
    asked = await backbone.post("/v1/tokens", json=WANTED | {"person": ADA})
    assert asked.status_code == 422


@pytest.mark.parametrize("scope", ["token.manage", "operate", "approval", "session.manage", "no.such"])
async def test_system_is_given_only_what_a_system_may(backbone: httpx.AsyncClient, scope: str) -> None:
    answer = await backbone.post("/v1/tokens", json=WANTED | {"scopes": [scope]})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_token_makes_none_that_may_more_than_itself(app: FastAPI, parts: Parts) -> None:
    await _administers(parts)
    narrow = await token(parts, CLINIC, ADA, ["token.manage", "event.post"])
    wide = (await token(parts, CLINIC)).split("_")[1]
    async with people.browser(app) as system:
        system.headers["Authorization"] = f"Bearer {narrow}"
        assert (await system.post("/v1/tokens", json=WANTED)).status_code == 403
        assert (await system.post(f"/v1/tokens/{wide}/rotate", json={})).status_code == 403
        assert (await system.post("/v1/tokens", json=WANTED | {"scopes": ["event.post"]})).status_code == 201


async def test_system_manages_no_tokens(app: FastAPI, parts: Parts) -> None:
    async with people.browser(app) as system:
        system.headers["Authorization"] = f"Bearer {await token(parts, CLINIC)}"
        for method, place in (("GET", ""), ("POST", ""), ("POST", "/aaaaaaaa/revoke"), ("POST", "/aaaaaaaa/rotate")):
            assert (await system.request(method, f"/v1/tokens{place}", json=WANTED)).status_code == 403
