"""What people say of other systems, tried at the door where no fold alone can show it."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from services.gateway.parts import Parts
from services.notifications.weekly.room import STATUS
from tests.support.admitting import said
from tests.support.events import ident
from tests.support.reading import JSON, MEALS, ROOMS, agreed, answered, asked, referred, sent, tell

TICK = timedelta(milliseconds=1)
BEDS = ident("beds")
ELIGIBLE = "Adults, with or without papers"


async def listed(door: httpx.AsyncClient, **query: Any) -> list[str]:
    answer = await door.get("/v1/referrals", params=query)
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()["referrals"]]


async def test_what_was_just_sent_stands_in_both_sides_lists(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    """By the token of the answer to its sending, without looking again until it appears."""
    await agreed(clinic, "1")
    referral = await asked(clinic, "1")
    token = (await clinic.post("/v1/events", content=sent("1"), headers=JSON)).json()["token"]
    ways = ((clinic, "waiting", token), (shelter, "needs-my-answer", None))
    for door, name, shown in ways:
        answer = (await door.get("/v1/referrals", params={"list": name} | ({"token": shown} if shown else {}))).json()
        assert (answer["stale"], answer["lag"]) == (False, 0)
        assert [(row["id"], row["detail"]) for row in answer["referrals"]] == [(referral, "sent")]


async def test_what_was_on_record_at_an_instant_counts_and_what_came_a_moment_later_does_not(
    told: Parts, clinic: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1")
    referral = await referred(clinic, "1")
    place = f"/v1/referrals/{referral}"
    at = datetime.fromisoformat((await clinic.get(f"{place}/timeline")).json()["entries"][-1]["recorded"])
    stood = [(await clinic.get(place, params={"as_of": each.isoformat()})).json() for each in (at, at - TICK)]
    assert [each["status"] for each in stood] == ["requested", "draft"]


async def test_a_range_of_dates_counts_its_first_instant_and_not_its_last(
    told: Parts, clinic: httpx.AsyncClient
) -> None:
    """Two ranges that meet leave nothing out between them and count nothing twice."""
    for own in ("1", "2", "3"):
        await agreed(clinic, own)
    first, second, third = [await referred(clinic, own) for own in ("1", "2", "3")]
    edge = (await clinic.get(f"/v1/referrals/{second}")).json()["requested"]
    assert await listed(clinic, requested_until=edge, sort="requested") == [first]
    assert await listed(clinic, requested_from=edge, sort="requested") == [second, third]
    assert await listed(clinic, requested_from=edge, requested_until=edge) == []


@pytest.mark.parametrize("status", STATUS)
async def test_word_for_room_is_one_of_four_and_stands_where_it_was_said(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, status: str
) -> None:
    """Who can only say after an assessment says that, and no number."""
    data = {"service_id": MEALS, "status": status}
    await tell(shelter, said("partner.capacity_reported", status, data))
    capacity = (await services(clinic))[MEALS]["capacity"]
    assert (capacity["status"], capacity["available"], capacity["age_hours"]) == (status, None, 0)


async def test_other_words_for_room_are_not_taken(told: Parts, shelter: httpx.AsyncClient) -> None:
    row = said("partner.capacity_reported", "full", {"service_id": MEALS, "status": "full"})
    answer = await shelter.post("/v1/events", content=row, headers=JSON)
    assert (answer.status_code, answer.json()["pointer"]) == (422, "/data/status")


async def test_who_may_come_and_what_is_protected_stand_in_the_directory(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await tell(shelter, said("partner.service_changed", "eligible", {"service_id": MEALS, "eligibility": ELIGIBLE}))
    found = await services(clinic)
    assert found[MEALS]["eligibility"] == ELIGIBLE
    assert {name: found[name]["protected"] for name in (MEALS, ROOMS, BEDS)} == {MEALS: False, ROOMS: False, BEDS: True}


async def test_a_person_has_another_name_at_every_partner_and_no_profile_that_all_can_find(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, newcomer: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1")
    referral = await referred(clinic, "1")
    await tell(shelter, answered("offer_accepted", "1", referral))
    names = [(await door.get(f"/v1/referrals/{referral}")).json()["client"] for door in (clinic, shelter)]
    assert len({*names}) == 2
    for door, name in ((newcomer, "own:1"), (newcomer, names[0]), (newcomer, names[1]), (shelter, names[0])):
        answer = await door.get(f"/v1/clients/{name}/journey")
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


async def test_a_request_is_not_closed_by_an_enrolment_elsewhere_and_its_sender_closes_it(
    told: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1")
    referral = await referred(clinic, "1")
    enrolled = said("episode.enrolled", "e", {"programme": "winter"}, subject="own:e", client="own:1")
    await tell(clinic, enrolled)
    assert await listed(shelter, list="needs-my-answer") == [referral]
    await tell(clinic, answered("offer_recalled", "1", "own:r 1", reason="need-met-elsewhere"))
    row = said("referral.closed", "closed", {"disposition": "need-met-elsewhere"}, subject="own:r 1")
    await tell(clinic, row)
    assert await listed(shelter, list="needs-my-answer") == []
    assert await listed(clinic, list="waiting") == []
    assert await listed(clinic, loop="closed-not-served") == [referral]


async def services(door: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
    """Return the directory's services by id."""
    answer = await door.get("/v1/services")
    assert answer.status_code == 200, answer.text
    return {each["id"]: each for each in answer.json()["services"]}
