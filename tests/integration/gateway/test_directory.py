"""Partners and services over HTTP."""

from pathlib import Path
from typing import Any

import httpx

from services.gateway.parts import Parts, opened
from services.runtime.log import create_topics
from services.runtime.settings import Settings
from tests.support import doors
from tests.support.admitting import (
    BACKBONE,
    CLINIC,
    NEWCOMER,
    REFUGE,
    SHELTER,
    codes,
    found,
    offer,
    registered,
    registrar,
    requested,
    said,
)
from tests.support.admitting import clinic as clinic_caller
from tests.support.admitting import shelter as shelter_caller
from tests.support.events import ident
from tests.support.reading import JSON, MEALS, ROOMS, prepared

BEDS = ident("beds")


async def tell(door: httpx.AsyncClient, row: bytes) -> dict[str, Any]:
    answer = await door.post("/v1/events", content=row, headers=JSON)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def ids(door: httpx.AsyncClient, path: str, **query: Any) -> list[str]:
    """Return the ids of a whole list, page by page."""
    answer = await door.get(path, params=query)
    listed: list[str] = []
    while True:
        assert answer.status_code == 200, answer.text
        told = answer.json()
        listed += [each["id"] for each in told.get("partners", told.get("services"))]
        if told["next"] is None:
            return listed
        answer = await door.get(told["next"])


async def test_partners_are_listed_page_by_page(clinic: httpx.AsyncClient) -> None:
    everybody = sorted([BACKBONE, CLINIC, NEWCOMER, REFUGE, SHELTER])
    for limit in (1, 2, 200):
        assert await ids(clinic, "/v1/partners", limit=limit) == everybody
    assert await ids(clinic, "/v1/partners", **{"class": "clinic"}, limit=1) == sorted({*everybody} - {BACKBONE})
    assert await ids(clinic, "/v1/partners", sector="housing") == []


async def test_partner_is_shown_with_what_it_offers(clinic: httpx.AsyncClient) -> None:
    told = (await clinic.get(f"/v1/partners/{SHELTER}")).json()
    assert (told["id"], told["reporting"], told["agreement"]["version"]) == (SHELTER, "client-level", "1")
    assert [(each["id"], each["protected"], each["capacity"]) for each in told["services"]] == [(BEDS, True, None)]
    assert (await clinic.get("/v1/partners/nobody-here")).json()["code"] == "not-found"


async def test_services_are_narrowed(parts: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient) -> None:
    await prepared(parts)
    closed = {"service_id": MEALS, "accepts_referrals": False, "areas": ["north"], "needs": ["food"]}
    answer = await shelter.post("/v1/events", content=said("partner.service_changed", "meals", closed), headers=JSON)
    token = {} if answer.status_code == 200 else {"unfit": answer.text}
    assert token == {}
    for query, expected in (
        ({}, [ROOMS, *sorted([BEDS, MEALS])]),
        ({"partner": NEWCOMER}, [ROOMS]),
        ({"need": "food"}, [MEALS]),
        ({"area": "south"}, [ROOMS, BEDS]),
        ({"accepts_referrals": "false"}, [MEALS]),
        ({"class": "substance-use"}, [BEDS]),
        ({"limit": "1"}, [ROOMS, *sorted([BEDS, MEALS])]),
    ):
        assert await ids(clinic, "/v1/services", **query) == expected, query


async def test_capacity_is_shown_with_its_age_and_read_as_it_was_written(
    clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    before = await clinic.get("/v1/services")
    data = {"service_id": BEDS, "status": "waitlist", "available": 0, "maximum": 12, "unit": "bed"}
    token = (await tell(shelter, said("partner.capacity_reported", "cap", data)))["token"]
    [service] = (await shelter.get("/v1/services", params={"token": token})).json()["services"]
    del service["capacity"]["reported"]
    assert service["capacity"] == {"status": "waitlist", "available": 0, "maximum": 12, "unit": "bed", "age_hours": 0}
    after = await clinic.get("/v1/services", headers={"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200
    again = await clinic.get("/v1/services", headers={"If-None-Match": after.headers["etag"]})
    assert again.status_code == 304


async def test_cursor_of_another_list_is_none(clinic: httpx.AsyncClient, shelter: httpx.AsyncClient) -> None:
    following = (await clinic.get("/v1/partners", params={"limit": 1})).json()["next"]
    cursor = following.rpartition("=")[2]
    for door, path, query in (
        (shelter, "/v1/partners", {}),
        (clinic, "/v1/services", {}),
        (clinic, "/v1/partners", {"active": "true"}),
    ):
        answer = await door.get(path, params={**query, "cursor": cursor})
        assert (answer.status_code, answer.json()["code"]) == (400, "bad-cursor")


async def test_a_directory_that_is_not_read_of_yet_is_no_empty_one(
    kafka: str, database: str, topic_prefix: str, tmp_path: Path
) -> None:
    settings = Settings(tmp_path, kafka, database, topic_prefix=topic_prefix, partitions=3)
    await create_topics(settings)
    async with opened(settings) as parts, doors.partner(parts, CLINIC) as clinic:
        answer = await clinic.get("/v1/services")
        assert (answer.status_code, answer.json()["code"]) == (503, "too-stale")
        await found(parts.admission)
        assert BACKBONE in await ids(clinic, "/v1/partners")


async def test_a_partner_that_left_is_shown_with_who_carries_on_and_its_token_stops(
    parts: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    gone = [
        said("partner.left", "left", {}, subject=SHELTER),
        said("partner.succeeded_by", "heir", {"successor": NEWCOMER}, subject=SHELTER),
    ]
    assert (await shelter.get("/v1/partners")).status_code == 200
    assert set(codes(await parts.admission.admit(registrar, gone))) == {None}
    told = (await clinic.get(f"/v1/partners/{SHELTER}")).json()
    assert (told["active"], told["absence"]["how"], told["successor"]) == (False, "left", NEWCOMER)
    assert set(told["absence"]) == {"how", "since"}
    assert SHELTER not in await ids(clinic, "/v1/partners", active=True)
    assert (await shelter.get("/v1/partners")).status_code == 401
    asked = [registered("c", "own:1"), requested("r", "own:1", "own:1"), offer("o", "own:1")]
    assert codes(await parts.admission.admit(clinic_caller, asked)) == [None, None, "recipient-inactive"]
    assert codes(await parts.admission.admit(shelter_caller, [retired("later")])) == ["not-authorised"]
    back = said("partner.reinstated", "back", {}, subject=SHELTER)
    assert codes(await parts.admission.admit(registrar, [back])) == [None]
    assert (await shelter.get("/v1/partners")).status_code == 200


def retired(emitted: str) -> bytes:
    return said("partner.service_retired", emitted, {"service_id": BEDS})


async def test_a_retired_service_is_shown_as_such_and_asked_of_nothing(
    parts: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await tell(shelter, retired("retired"))
    [service] = (await clinic.get(f"/v1/partners/{SHELTER}")).json()["services"]
    assert (service["accepts_referrals"], service["retired"] is None) == (False, False)
    asked = [registered("c", "own:1"), requested("r", "own:1", "own:1"), offer("o", "own:1")]
    assert codes(await parts.admission.admit(clinic_caller, asked)) == [None, None, "service-closed"]
    unknown = said("partner.service_retired", "x", {"service_id": ident("none")})
    assert codes(await parts.admission.admit(shelter_caller, [unknown])) == ["unknown-service"]
