"""The API's own description: complete, and true of what is answered."""

from collections.abc import Iterator
from typing import Any

import httpx
import orjson
import pytest

from services.gateway.app import make
from services.gateway.manual import POST_EVENTS
from services.gateway.parts import Parts
from services.gateway.problems import MEDIA


@pytest.fixture
def described(parts: Parts) -> dict[str, Any]:
    return make(parts).openapi()


def operations(described: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield f"{method} {path}", operation


async def test_description_is_public_and_of_version_3_1(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.1")


async def test_every_operation_has_a_name_of_its_own_and_words(described: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, operation in operations(described)]
    assert len(set(names)) == len(names)
    assert all(operation["summary"] and operation["description"] for _, operation in operations(described))


async def test_every_failure_is_described_as_a_problem(described: dict[str, Any]) -> None:
    for name, operation in operations(described):
        failures = {int(status): each for status, each in operation["responses"].items() if int(status) >= 400}
        assert {400, 500, 503} <= failures.keys(), name
        assert {tuple(each["content"]) for each in failures.values()} == {(MEDIA,)}, name


async def test_example_of_each_body_is_taken(clinic: httpx.AsyncClient) -> None:
    for media, content in POST_EVENTS["openapi_extra"]["requestBody"]["content"].items():
        if "example" in content:
            body = orjson.dumps(content["example"])
            answer = await clinic.post("/v1/events", content=body, headers={"Content-Type": media})
            assert answer.is_success, answer.text
