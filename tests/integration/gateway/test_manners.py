"""What every answer has, whatever was asked."""

import httpx
import pytest

from services.gateway.app import make
from services.gateway.guard import HEADERS
from services.gateway.parts import Parts
from services.gateway.problems import MEDIA
from tests.support import doors


async def test_codes_are_public(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/v1/codes/not-found")
    assert answer.status_code == 200
    assert answer.json()["by"] == "turned away"
    assert {each["code"] for each in (await stranger.get("/v1/codes")).json()["codes"]} >= {"forbidden", "not-found"}


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nothing", 404, "no-such-route"),
        ("DELETE", "/v1/codes", 405, "method-not-allowed"),
        ("GET", "/v1/codes/no-such-code", 404, "no-such-route"),
        ("GET", "/docs", 404, "no-such-route"),
    ],
)
async def test_failures_are_problems(
    stranger: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    answer = await stranger.request(method, path)
    assert (answer.status_code, answer.headers["content-type"], answer.json()["code"]) == (status, MEDIA, code)
    assert HEADERS.items() <= dict(answer.headers).items()
    assert answer.headers["x-request-id"]


async def test_our_own_failure_says_nothing_but_its_id(parts: Parts) -> None:
    app = make(parts)

    @app.get("/fail")
    async def fail() -> None:
        raise ValueError("Zaphrodite")

    async with doors.client(app) as stranger:
        answer = await stranger.get("/fail")
    told = answer.json()
    assert (answer.status_code, told["code"]) == (500, "internal")
    assert told["request_id"] == answer.headers["x-request-id"]
    assert "Zaphrodite" not in answer.text
    assert HEADERS.items() <= dict(answer.headers).items()
