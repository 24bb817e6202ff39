"""Sending a referral: once however often the button is pressed, and mended where something is wrong."""

import asyncio
from datetime import datetime
from typing import Any

import orjson
import pytest

from events.topics import CASES
from services.gateway.parts import Parts
from tests.support import doors
from tests.support.admitting import CLINIC, codes, records, said
from tests.support.admitting import shelter as shelter_system
from tests.support.events import ident
from tests.support.staffing import AGREED, BEDS, MEALS, NEED, ON, ROOMS, SEND, previewed, referred
from tests.support.surfing import Surfer


async def cases(parts: Parts) -> list[dict[str, Any]]:
    """Return every event on the log of cases."""
    return [orjson.loads(each.value or b"") for each in await records(parts.settings, CASES)]


async def refused(parts: Parts) -> list[Any]:
    async with doors.partner(parts, CLINIC) as door:
        found: list[Any] = (await door.get("/v1/refusals")).json()["refusals"]
    return found


async def test_preview_says_in_words_what_is_shared_and_sends_nothing(clinic: Surfer, parts: Parts) -> None:
    page = await previewed(clinic)
    assert page.terms() == {
        "Your number for the person": "4711 (registered with this referral)",
        "Goes to": "Shelter: Help",
        "They are told at once": "A bed for tonight, North, soon, and that it comes from you",
        "They can read once they accept": "what you wrote (33 characters)",
        "Agreed to": "recorded with this referral (read out and agreed to, with a witness): "
        "name and how to reach the person and what is needed",
        "Answer by": page.terms()["Answer by"],
        "What for": "To refer and be told how it ended",
    }
    assert await cases(parts) == []


async def test_referral_is_one_set_of_events(clinic: Surfer, parts: Parts) -> None:
    page = await referred(clinic)
    assert page.path.startswith("/referrals/")
    found = await cases(parts)
    assert [each["type"].split(".")[2:4] for each in found] == [
        ["client", "registered"],
        ["consent", "granted"],
        ["referral", "requested"],
        ["referral", "offer_sent"],
    ]
    assert {each["actor"] for each in found} == {ident("ada")}
    assert len({each["time"] for each in found}) == 1
    assert await refused(parts) == []


async def test_whoever_takes_the_day_that_the_page_proposes_is_told_before_it_is_over(
    clinic: Surfer, parts: Parts
) -> None:
    await referred(clinic)
    [*_, sent] = await cases(parts)
    dues = [*(sent["data"]["admitted"][name] for name in ("remind_at", "escalate_at")), sent["data"]["respond_by"]]
    told = [datetime.fromisoformat(each) for each in (sent["time"], *dues)]
    assert told == sorted(set(told))


async def test_pressing_twice_sends_once(clinic: Surfer, parts: Parts) -> None:
    page = await previewed(clinic)
    _, place, fields = page.sent(SEND)
    both = await asyncio.gather(*(clinic.browser.post(place, data=fields) for _ in range(2)))
    later = await clinic.browser.post(place, data=fields)
    assert {each.status_code for each in (*both, later)} == {303}
    assert len({each.headers["location"].partition("?")[0] for each in (*both, later)}) == 1
    found = await cases(parts)
    assert len({each["id"] for each in found}) == 4
    assert {each["time"] for each in found} == {found[0]["time"]}
    assert len((await clinic.open("/work?list=waiting")).table()) == 1
    assert await refused(parts) == []


async def test_sent_form_says_nothing_else_afterwards(clinic: Surfer, parts: Parts) -> None:
    page = await previewed(clinic)
    await clinic.press(page, SEND)
    before = await cases(parts)
    page = await clinic.press(page, "Back")
    page = await clinic.press(page, "Back")
    page = await clinic.press(page, ON, {ROOMS: True})
    page = await clinic.press(page, ON, AGREED)
    assert page.wrong() == {
        "": "This was sent already and is another one now. Look at it before you send anything again."
    }
    assert await cases(parts) == before


async def test_what_is_missing_is_told_at_its_field_and_on_top(clinic: Surfer, parts: Parts) -> None:
    page = await clinic.press(await clinic.open("/refer"), ON, {"What they should know": "typed before"})
    assert (page.status, page.title) == (422, "To be mended: Send a referral: who needs what")
    assert page.wrong() == {
        "f-own": "Your number for the person: this is needed",
        "f-need": "What is needed: choose one",
        "f-urgency": "How urgent it is: choose one",
    }
    assert page.control("Your number for the person")["aria-describedby"] == "f-own-hint f-own-fault"
    assert page.control("What they should know").text == "typed before"
    page = await clinic.press(page, ON, NEED)
    assert page.title == "Send a referral: who can help"
    assert await cases(parts) == []


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"Answer by": "2020-01-01"}, "f-respond_by"),
        ({"Answer by": "2199-01-01"}, "f-respond_by"),
        ({"Answer by": "tomorrow"}, "f-respond_by"),
        ({"What is needed": False, "Name and how to reach the person": False}, "f-data_classes"),
        ({"What for": "Choose"}, "f-purpose"),
    ],
)
async def test_terms_are_checked(clinic: Surfer, said: dict[str, str | bool], field: str) -> None:
    page = await clinic.press(await clinic.open("/refer"), ON, NEED)
    page = await clinic.press(page, ON, {MEALS: True, **said})
    assert list(page.wrong()) == [field]
    page = await clinic.press(page, "Back")
    assert page.control("Your number for the person")["value"] == "4711"
    assert page.control("Soon").has("checked")


async def test_guardian_decides_until_a_day(clinic: Surfer) -> None:
    page = await clinic.press(await clinic.open("/refer"), ON, NEED)
    page = await clinic.press(page, ON, {MEALS: True})
    said = {**AGREED, "The person, who is of age": False, "A guardian": True}
    page = await clinic.press(page, ON, said)
    assert list(page.wrong()) == ["f-guardian_until"]
    page = await clinic.press(page, ON, {"Until when the guardian decides": "2199-01-01"})
    assert page.buttons() == [SEND, "Back", "Keep it for later"]


async def test_consent_in_force_is_used_again(clinic: Surfer, parts: Parts) -> None:
    await referred(clinic)
    page = await clinic.press(await clinic.open("/refer"), ON, NEED)
    page = await clinic.press(page, ON, {MEALS: True})
    [known] = [each.text for each in page.root.all("label") if each.text.startswith("What they agreed to")]
    assert known.endswith("until they take it back: name and how to reach the person and what is needed")
    page = await clinic.press(page, ON, {known: True})
    assert page.wrong() == {
        "f-duplicate_reason": "This client has an open offer for the same service; give a reason to override."
    }
    page = await clinic.press(
        page, ON, {"Why a second referral to the same service": "A separate need of the same kind"}
    )
    page = await clinic.press(page, ON, {known: True})
    page = await clinic.press(page, SEND)
    assert page.path.startswith("/referrals/")
    types = [each["type"].split(".")[3] for each in await cases(parts)]
    assert types[4:] == ["requested", "offer_sent"]
    assert await refused(parts) == []


async def test_consent_for_one_is_offered_for_no_other(clinic: Surfer) -> None:
    await referred(clinic)
    page = await clinic.press(await clinic.open("/refer"), ON, NEED)
    page = await clinic.press(page, ON, {ROOMS: True})
    assert "Nothing that the person agreed to covers this yet" in page.text
    page = await clinic.press(page, "Back")
    page = await clinic.press(page, ON, {BEDS: True})
    assert "Nothing that the person agreed to covers this yet" in page.text


async def test_capacity_is_told_with_its_age(clinic: Surfer, parts: Parts) -> None:
    data = {"service_id": ident("meals"), "status": "capacity", "available": 4, "maximum": 10, "unit": "bed"}
    assert codes(await parts.admission.admit(shelter_system, [said("partner.capacity_reported", "c", data)])) == [None]
    page = await clinic.press(await clinic.open("/refer"), ON, NEED)
    labels = [each.text for each in page.root.all("label")]
    assert "Shelter: Help; room: 4 of 10 beds, said now" in labels


async def test_nobody_takes_it(clinic: Surfer) -> None:
    page = await clinic.press(await clinic.open("/refer"), ON, {**NEED, "What is needed": "Food"})
    assert "Nobody who takes referrals offers this there at present: Food." in page.text
    assert page.buttons() == ["Back", "Keep it for later"]


async def test_draft_is_worth_nothing_to_somebody_else(clinic: Surfer, shelter: Surfer, parts: Parts) -> None:
    _, place, fields = (await previewed(clinic)).sent(SEND)
    fields["csrf"] = (await shelter.open("/refer")).sent(ON)[2]["csrf"]
    answer = await shelter.browser.post(place, data=fields)
    assert answer.status_code == 400
    assert await cases(parts) == []


async def test_person_of_others_is_as_unknown(clinic: Surfer, shelter: Surfer, parts: Parts) -> None:
    """Whoever knows somebody by the same number knows somebody else by it."""
    await referred(clinic)
    page = await previewed(shelter, service=ROOMS)
    assert page.terms()["Your number for the person"] == "4711 (registered with this referral)"


async def test_whoever_only_has_a_name_for_the_person_speaks_for_nobody(clinic: Surfer, parts: Parts) -> None:
    async with doors.partner(parts, CLINIC) as door:
        assert (await door.post("/v1/clients", json={"client": "own:4711"})).status_code == 200
    page = await previewed(clinic)
    assert "registered with this referral" in page.text
    assert (await clinic.press(page, SEND)).path.startswith("/referrals/")
    assert await refused(parts) == []
