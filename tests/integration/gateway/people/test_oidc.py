"""Signing in by an identity provider: only by what it signed, for us, just now, for this browser."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI
from joserfc.jwk import OctKey, RSAKey

from services.gateway.app import make
from services.gateway.parts import Parts, opened
from services.gateway.people import oidc
from services.runtime.errors import SettingInvalid
from services.runtime.settings import Settings
from tests.support import people
from tests.support.issuer import CLIENT, SECRET, Issuer, issuing
from tests.support.people import ADA

BACK = "/signin/oidc/back"


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    """An identity provider of this test's own."""
    async with issuing() as made:
        yield made


@pytest.fixture
async def parts(settings: Settings, issuer: Issuer) -> AsyncIterator[Parts]:
    """The gateway's parts, with that provider."""
    file = settings.home / "oidc.secret"
    file.write_text(SECRET + "\n")
    file.chmod(0o600)
    named = replace(settings, oidc_issuer=issuer.url, oidc_client=CLIENT, oidc_secret_file=file)
    async with opened(named) as made:
        await people.add(named)
        yield made


@pytest.fixture
def app(parts: Parts) -> FastAPI:
    """The application over those."""
    return make(parts)


async def _visited(browser: httpx.AsyncClient, issuer: Issuer) -> dict[str, str]:
    away = await browser.get("/signin/oidc")
    assert away.status_code == 303, away.text
    return issuer.visited(away.headers["location"])


async def test_somebody_vouched_for_signs_in(browser: httpx.AsyncClient, issuer: Issuer) -> None:
    assert "/signin/oidc" in (await browser.get("/signin")).text
    brought = await _visited(browser, issuer)
    assert issuer.asked["redirect_uri"] == people.PUBLIC + BACK
    assert issuer.asked["code_challenge_method"] == "S256"
    assert (await browser.get(BACK, params=brought)).headers["location"] == "/me"
    assert (await browser.get("/v1/me")).json()["person"] == ADA


async def test_way_back_works_once(browser: httpx.AsyncClient, issuer: Issuer) -> None:
    brought = await _visited(browser, issuer)
    kept = dict(browser.cookies)
    assert (await browser.get(BACK, params=brought)).status_code == 303
    browser.cookies.clear()
    browser.cookies.update(kept)
    assert (await browser.get(BACK, params=brought)).status_code == 403


async def test_another_browser_is_not_signed_in(
    browser: httpx.AsyncClient, other: httpx.AsyncClient, issuer: Issuer
) -> None:
    brought = await _visited(browser, issuer)
    assert (await other.get(BACK, params=brought)).status_code == 403
    await other.get("/signin")
    assert (await other.get(BACK, params=brought)).status_code == 403
    assert (await other.get("/v1/me")).status_code == 401


def _foreign(issuer: Issuer) -> None:
    issuer.forger = RSAKey.generate_key(2048, {"kid": "1"})


def _of_another_kind(issuer: Issuer) -> None:
    issuer.forger = OctKey.generate_key(256)
    issuer.algorithm = "HS256"


LIES: dict[str, dict[str, Any]] = {
    "another audience": {"aud": "somebody-else"},
    "an audience among others": {"aud": [CLIENT, "somebody-else"]},
    "no audience": {"aud": None},
    "another issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": None},
    "expired": {"exp": int(time.time()) - 3600},
    "without an end": {"exp": None},
    "an end that is no time": {"exp": "tomorrow"},
    "from the future": {"iat": int(time.time()) + 3600},
    "another sign-in": {"nonce": "x" * 43},
    "no nonce": {"nonce": None},
    "an address not proved": {"email_verified": False},
    "an address perhaps proved": {"email_verified": "true"},
    "nothing on the address": {"email_verified": None},
    "no address": {"email": None},
    "an address of nobody": {"email": "nobody@clinic.example"},
    "two addresses": {"email": "ada@clinic.example,eve@example.net"},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
async def test_token_that_is_not_for_this_is_worth_nothing(
    browser: httpx.AsyncClient, issuer: Issuer, lie: dict[str, Any]
) -> None:
    issuer.claims = lie
    answer = await browser.get(BACK, params=await _visited(browser, issuer))
    assert answer.status_code == 403
    assert (await browser.get("/v1/me")).status_code == 401


@pytest.mark.parametrize("forge", [_foreign, _of_another_kind])
async def test_token_of_another_hand_is_worth_nothing(browser: httpx.AsyncClient, issuer: Issuer, forge: Any) -> None:
    forge(issuer)
    assert (await browser.get(BACK, params=await _visited(browser, issuer))).status_code == 403


async def test_provider_s_new_key_is_learned(browser: httpx.AsyncClient, issuer: Issuer) -> None:
    brought = await _visited(browser, issuer)
    issuer.key = RSAKey.generate_key(2048, {"kid": "1"})
    assert (await browser.get(BACK, params=brought)).status_code == 303


@pytest.mark.parametrize(
    "brought",
    [{}, {"code": "the code"}, {"state": "x"}, {"error": "access_denied"}, {"code": "another", "state": "own"}],
)
async def test_way_back_without_what_it_needs(
    browser: httpx.AsyncClient, issuer: Issuer, brought: dict[str, str]
) -> None:
    own = await _visited(browser, issuer)
    said = brought | ({"state": own["state"]} if brought.get("state") == "own" else {})
    assert (await browser.get(BACK, params=said)).status_code == 403


async def test_answer_of_another_provider_is_worth_nothing(browser: httpx.AsyncClient, issuer: Issuer) -> None:
    brought = await _visited(browser, issuer)
    assert (await browser.get(BACK, params=brought | {"iss": "https://evil.example"})).status_code == 403


@pytest.mark.parametrize(
    "described",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": None},
        {"authorization_endpoint": "http://evil.example/"},
        {"jwks_uri": "file:///etc/passwd"},
    ],
)
async def test_provider_that_describes_itself_wrongly_is_not_used(
    browser: httpx.AsyncClient, issuer: Issuer, described: dict[str, Any]
) -> None:
    issuer.described = described
    away = await browser.get("/signin/oidc")
    if away.status_code == 303:
        away = await browser.get(BACK, params=issuer.visited(away.headers["location"]))
    assert away.status_code == 503
    assert "Not available" in away.text


async def test_nothing_leads_elsewhere(browser: httpx.AsyncClient, issuer: Issuer) -> None:
    away = await browser.get("/signin/oidc", params={"redirect_uri": "https://evil.example", "next": "//evil.example"})
    assert urlsplit(away.headers["location"]).netloc == urlsplit(issuer.url).netloc
    assert "evil" not in away.headers["location"]


async def test_provider_needs_tls_and_a_client(settings: Settings, parts: Parts) -> None:
    bare = Settings(Path(), "k", "p")
    for changed in ({"oidc_issuer": "http://id.example", "oidc_client": "c"}, {"oidc_issuer": "https://id.example"}):
        with pytest.raises(SettingInvalid):
            async with oidc.opened(replace(bare, **changed), parts.keep):  # type: ignore[arg-type]
                pass
