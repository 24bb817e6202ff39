"""Limits at the door: on callers, on failed attempts, on signing in, and on mails to one address."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from services.gateway.app import make
from services.gateway.limits import Limits
from services.gateway.parts import Parts
from services.runtime.settings import Settings
from tests.support import people
from tests.support.admitting import CLINIC, SHELTER
from tests.support.doors import token
from tests.support.people import EMAIL, ask, mails
from tests.support.wait import until

BAD = {"Authorization": f"Bearer mh_aaaaaaaa_{'a' * 43}"}


@pytest.fixture
async def door(parts: Parts) -> AsyncIterator[httpx.AsyncClient]:
    """A gateway with little patience."""
    few = replace(parts.settings, limit_caller=0.2, limit_failures=3, limit_signins=12)
    async with people.browser(make(replace(parts, limits=Limits(few, parts.telemetry)))) as made:
        yield made


async def test_each_caller_has_its_own(door: httpx.AsyncClient, parts: Parts) -> None:
    clinic, shelter = [{"Authorization": f"Bearer {await token(parts, each)}"} for each in (CLINIC, SHELTER)]
    assert [(await door.get("/v1/partners", headers=clinic)).status_code for _ in range(3)] == [200, 200, 429]
    assert (await door.get("/v1/partners", headers=shelter)).status_code == 200
    assert b'manyhands_requests_limited_total{limit="caller"} 1.0' in parts.telemetry.text()


async def test_failed_attempts_count_and_keep_no_neighbour_out(door: httpx.AsyncClient, parts: Parts) -> None:
    assert [(await door.get("/v1/partners", headers=BAD)).status_code for _ in range(4)] == [401, 401, 401, 429]
    good = {"Authorization": f"Bearer {await token(parts, CLINIC)}"}
    assert (await door.get("/v1/partners", headers=good)).status_code == 200


async def test_signing_in_is_limited_by_address(door: httpx.AsyncClient) -> None:
    answers = [(await door.post("/v1/signin", json={"email": "x"})).status_code for _ in range(13)]
    assert answers == [202] * 12 + [429]
    page = await ask(door)
    assert (page.status_code, page.headers["content-type"]) == (429, "text/html; charset=utf-8")
    assert int(page.headers["retry-after"]) > 0


async def test_nobody_is_flooded_with_mails_and_nobody_is_told(
    door: httpx.AsyncClient, parts: Parts, settings: Settings
) -> None:
    answers = [(await door.post("/v1/signin", json={"email": EMAIL})).text for _ in range(4)]
    assert set(answers) == {'{"sent":true}'}
    await people.add(settings, "bo@clinic.example", people.BO)
    await door.post("/v1/signin", json={"email": "bo@clinic.example"})
    await until(lambda: any(mail["To"] == "bo@clinic.example" for mail in mails(settings)))
    assert [mail["To"] for mail in mails(settings)].count(EMAIL) == 1
