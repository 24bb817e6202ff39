"""Buckets fill with time, are kept apart, and are never more than there is room for."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from services.gateway import limits
from services.gateway.limits import LEFT, Limit, Limited, Limits, source
from services.gateway.problems import ProblemError, answer
from services.gateway.telemetry import Telemetry
from services.runtime.settings import Settings


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_burst_then_rate() -> None:
    clock = Clock()
    limit = Limit("caller", 2, 3, clock)
    assert [limit.take("a").granted for _ in range(4)] == [True, True, True, False]
    assert limit.take("a").after == 1
    assert limit.take("b").granted
    clock.now += 0.5
    assert [limit.take("a").granted for _ in range(2)] == [True, False]
    clock.now += 1e6
    assert limit.take("a").remaining == 2


def test_limit_of_zero_limits_nothing() -> None:
    limit = Limit("caller", 0, 0, Clock())
    assert all(limit.take("a").granted for _ in range(10_000))


def test_refusals_cost_nothing() -> None:
    clock = Clock()
    limit = Limit("caller", 1, 1, clock)
    for _ in range(100):
        limit.take("a")
    clock.now += 1
    assert limit.take("a").granted


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST", 10)
    limit = Limit("address", 1, 1, Clock())
    for each in range(1000):
        limit.take(str(each))
    assert len(limit._buckets) == 10


@pytest.mark.parametrize(
    ("client", "forwarded", "found"),
    [
        ("192.0.2.1", [], "192.0.2.1"),
        ("192.0.2.1", ["203.0.113.5"], "192.0.2.1"),
        ("10.0.0.1", ["203.0.113.5"], "203.0.113.5"),
        ("10.0.0.1", ["6.6.6.6, 203.0.113.5"], "203.0.113.5"),
        ("10.0.0.1", ["6.6.6.6", "203.0.113.5, 10.0.0.2"], "203.0.113.5"),
        ("10.0.0.1", ["<script>"], "unknown"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("2001:db8::1", [], "2001:db8::/64"),
        ("2001:db8::ffff:2", [], "2001:db8::/64"),
    ],
)
def test_address_is_the_last_that_is_no_proxy(client: str, forwarded: list[str], found: str) -> None:
    headers = [(b"x-forwarded-for", each.encode()) for each in forwarded]
    assert source({"client": (client, 1), "headers": headers}, frozenset({"10.0.0.1", "10.0.0.2"})) == found


async def _app(scope: Scope, receive: Receive, send: Send) -> None:
    scope["state"][LEFT] = Limit("caller", 1, 5, Clock()).take("a")
    await answer(ProblemError(404, "no-such-route"))(scope, receive, send)


@pytest.fixture
async def door() -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings(Path(), "k", "p", limit_address=0.2)
    transport = httpx.ASGITransport(Limited(_app, Limits(settings, Telemetry(), Clock())))
    async with httpx.AsyncClient(transport=transport, base_url="http://door") as made:
        yield made


async def test_too_many_are_told_when_to_come_again(door: httpx.AsyncClient) -> None:
    assert [(await door.get("/")).status_code for _ in range(3)] == [404, 404, 429]
    refused = await door.get("/")
    assert refused.json()["code"] == "rate-limited"
    assert int(refused.headers["retry-after"]) == 5
    assert refused.headers["ratelimit"] == '"address";r=0;t=5'
    assert refused.headers["ratelimit-policy"] == '"address";q=2;w=10'


async def test_answers_say_what_is_left(door: httpx.AsyncClient) -> None:
    assert (await door.get("/")).headers["ratelimit"] == '"caller";r=4;t=0'
