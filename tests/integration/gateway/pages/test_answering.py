"""What staff say of an offer: once however often it is sent, and told what is missing."""

import asyncio
from typing import Any

import orjson
import pytest

from events.topics import CASES
from services.gateway.parts import Parts
from tests.support import doors
from tests.support.admitting import CLINIC, SHELTER, ahead, records
from tests.support.reading import answered as said_of
from tests.support.staffing import referred
from tests.support.surfing import Page, Surfer


@pytest.fixture
async def taken(clinic: Surfer, shelter: Surfer) -> Page:
    """A referral that the shelter has accepted, as its staff sees it."""
    page = await shelter.open((await referred(clinic)).path)
    return await shelter.press(await shelter.open(page.link("Accept")), "Accept")


async def _said(parts: Parts, name: str) -> list[dict[str, Any]]:
    found = [orjson.loads(each.value or b"") for each in await records(parts.settings, CASES)]
    return [each for each in found if each["type"] == f"org.manyhands.referral.{name}.v1"]


async def _refused(parts: Parts) -> list[Any]:
    async with doors.partner(parts, SHELTER) as door:
        found: list[Any] = (await door.get("/v1/refusals")).json()["refusals"]
    return found


@pytest.mark.parametrize("action", ["I have seen it", "Accept"])
async def test_pressing_twice_says_it_once(clinic: Surfer, shelter: Surfer, parts: Parts, action: str) -> None:
    page = await shelter.open((await referred(clinic)).path)
    page = await shelter.open(page.link(action)) if action == "Accept" else page
    _, place, fields = page.sent(action)
    both = await asyncio.gather(*(shelter.browser.post(place, data=fields) for _ in range(2)))
    later = await shelter.browser.post(place, data=fields)
    assert [each.status_code for each in (*both, later)] == [303] * 3
    found = [*await _said(parts, "offer_viewed"), *await _said(parts, "offer_accepted")]
    assert len({(each["id"], each["time"]) for each in found}) == 1
    assert await _refused(parts) == []


async def test_looking_at_the_page_says_nothing(clinic: Surfer, shelter: Surfer, parts: Parts) -> None:
    sent = await referred(clinic)
    await shelter.open(sent.path)
    assert await _said(parts, "offer_viewed") == []


async def test_two_colleagues_answer_and_the_slower_is_told(clinic: Surfer, shelter: Surfer, parts: Parts) -> None:
    page = await shelter.open((await referred(clinic)).path)
    accept, decline = await shelter.open(page.link("Accept")), await shelter.open(page.link("Decline"))
    await shelter.press(accept, "Accept")
    late = await shelter.press(decline, "Decline", {"Why": "No room at present"})
    assert (late.status, late.title) == (409, "Not possible any more")
    assert await _said(parts, "offer_declined") == []
    assert "Accepted, not begun yet" in (await shelter.open(late.link("Look at how it stands"))).text


async def test_day_that_is_too_far_ahead_is_told_at_its_field(clinic: Surfer, shelter: Surfer, parts: Parts) -> None:
    page = await shelter.open((await referred(clinic)).path)
    asked = await shelter.open(page.link("Accept"))
    wrong = await shelter.press(asked, "Accept", {"When they can expect to be served": "2062-03-02"})
    assert (wrong.status, wrong.wrong()) == (422, {"f-expected_by": "The day is further ahead than the policy allows."})
    assert await _said(parts, "offer_accepted") == []
    day = ahead(days=300)[:10]
    taken = await shelter.press(wrong, "Accept", {"When they can expect to be served": day})
    assert "Accepted, not begun yet" in taken.text
    [told] = await _said(parts, "offer_accepted")
    assert told["data"]["expected_by"].startswith(day[:4])


OUTCOMES = [
    ({}, {"f-outcome": "Was the person served? Choose one"}),
    ({"Yes": True}, {"f-outputs-0-kind": "A delivered outcome needs at least one output."}),
    ({"No": True}, {"f-reason": "This needs a reason code."}),
    (
        {"No": True, "Why not": "The person could not be reached", "How often you tried to reach the person": "1"},
        {"f-attempts": "Too few contact attempts to call the client unreachable."},
    ),
    (
        {"No": True, "Why not": "The person could not be reached", "How often you tried to reach the person": "often"},
        {"f-attempts": "How often you tried to reach the person: a whole number from 0 to 999"},
    ),
    (
        {"Yes": True, "Amount, row 2": "3"},
        {"f-outputs-0-kind": "What was given: say of what kind it was in row 2"},
    ),
    (
        {"Yes": True, "Kind, row 1": "Housed", "Amount, row 1": "some"},
        {"f-outputs-0-kind": "What was given: the amount in row 1 is a number, such as 2 or 1.5"},
    ),
]


@pytest.mark.parametrize(("said", "wrong"), OUTCOMES)
async def test_outcome_is_told_whole_or_not_at_all(
    shelter: Surfer, parts: Parts, taken: Page, said: dict[str, str | bool], wrong: dict[str, str]
) -> None:
    page = await shelter.open(taken.link("Tell how it ended"))
    page = await shelter.press(page, "Tell how it ended", {**said, "Note": "as typed"})
    assert (page.status, page.wrong()) == (422, wrong)
    assert page.control("Note").text == "as typed"
    for label, value in said.items():
        control = page.control(label)
        assert control.has("checked") if value is True else value in (control["value"], *_chosen(control))
    assert await _said(parts, "outcome_recorded") == []
    good: dict[str, str | bool] = {"No": True, "Why not": "The person moved away"}
    cleared: dict[str, str | bool] = {"Amount, row 1": "", "Amount, row 2": "", "Kind, row 1": "None"}
    rest: dict[str, str | bool] = {"How often you tried to reach the person": ""}
    page = await shelter.press(page, "Tell how it ended", cleared | rest | good)
    assert "Not served" in page.text
    [told] = await _said(parts, "outcome_recorded")
    assert (told["data"]["outcome"], told["data"]["reason"]) == ("not-delivered", "moved-away")


def _chosen(control: Any) -> list[str]:
    return [each.text for each in control.all("option") if each.has("selected")]


async def test_what_others_said_meanwhile_is_a_fault_of_no_field(shelter: Surfer, parts: Parts, taken: Page) -> None:
    page = await shelter.open(taken.link("Tell how it ended"))
    offer = page.sent("Tell how it ended")[2]["offer"][0]
    async with doors.partner(parts, SHELTER) as door:
        row = orjson.loads(said_of("service_started", "x", taken.path.rpartition("/")[2]))
        row["data"]["offer_id"] = offer
        assert (await door.post("/v1/events", json=row, params={"wait": 20})).status_code == 200
    page = await shelter.press(page, "Tell how it ended", {"No": True, "Why not": "The person moved away"})
    assert "Not served" in page.text


async def test_unknown_action_is_not_found(clinic: Surfer, taken: Page) -> None:
    offer = taken.link("Tell how it ended").partition("?")[2]
    for slug in ("offer-sent", "nothing", "requested"):
        assert (await clinic.open(f"{taken.path}/{slug}?{offer}")).status == 404


async def test_withdrawn_consent_closes_what_was_written(
    clinic: Surfer, shelter: Surfer, parts: Parts, taken: Page
) -> None:
    consent = (await _said(parts, "offer_sent"))[0]["data"]["consent_id"]
    async with doors.partner(parts, CLINIC) as door:
        data = {"consent_id": consent, "reason": "client-asked"}
        row = {"id": "x", "type": "consent.revoked", "time": taken_at(await _said(parts, "offer_accepted"))}
        answer = await door.post("/v1/events", json=row | {"client": "own:4711", "data": data}, params={"wait": 20})
        assert answer.json()["ruling"]["outcome"] == "applied"
    page = await shelter.open(taken.path)
    assert "The person's consent does not cover this any more" in page.text
    assert "bed for tonight" not in page.text
    assert page.buttons() == ["Open what was written"]
    closed = await shelter.press(page, "Open what was written")
    assert (closed.status, closed.title) == (403, "Closed")
    [row_] = (await clinic.open("/work?list=ended")).table()
    assert row_["Next step"] == "See how it ended"


def taken_at(found: list[dict[str, Any]]) -> str:
    return str(found[0]["time"])
