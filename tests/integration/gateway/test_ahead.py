"""A gateway whose log of initiatives a newer build wrote to."""

import httpx
import pytest

from services.admission import directory
from services.gateway.parts import Parts
from tests.support.admitting import registered
from tests.support.ahead import foretold
from tests.support.reading import JSON


async def test_whatever_is_said_is_to_be_said_again_to_a_newer_build(
    parts: Parts, clinic: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What was known a moment ago does not hold for a moment.
    monkeypatch.setattr(directory, "FRESH", 0.0)
    monkeypatch.setattr(directory, "STALE", 0.0)
    row = registered("c", "own:1")
    assert (await clinic.post("/v1/events", content=row, headers=JSON)).status_code == 202
    await foretold(parts.settings)
    for _ in range(2):
        answer = await clinic.post("/v1/events", content=row, headers=JSON)
        assert (answer.status_code, answer.json()["code"]) == (503, "unknown-type-on-log")
