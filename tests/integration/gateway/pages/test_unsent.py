"""What is not sent: kept for later and found again, thrown away, or arranged with somebody outside."""

import asyncio

from services.gateway.parts import Parts
from tests.integration.gateway.pages.test_loop import answered
from tests.integration.gateway.pages.test_refer import cases, refused
from tests.support.staffing import AGREED, MEALS, NEED, ON, ROOMS, SEND, referred
from tests.support.surfing import Page, Surfer, held

KEEP = "Keep it for later"
WHY: dict[str, str | bool] = {"Why": "Another reason"}


async def kept(who: Surfer, service: str = MEALS) -> Page:
    """Keep a referral for which a service was chosen before its need was looked at again; return its page."""
    page = await who.press(await who.open("/refer"), ON, NEED)
    return await who.press(await who.press(page, "Back", {service: True}), KEEP)


def going_on(page: Page) -> str:
    """Return where the page's first draft leads."""
    return next(each["href"] for each in page.root.all("a") if each.text.startswith("Go on with the draft"))


async def types(parts: Parts) -> list[str]:
    return [each["type"].split(".")[3] for each in await cases(parts)]


async def test_what_is_kept_waits_on_the_worklist_and_is_sent_from_there(
    clinic: Surfer, shelter: Surfer, parts: Parts
) -> None:
    page = await kept(clinic)
    assert page.text.partition("How it stands")[2].startswith("Not sent to anybody yet. It is your turn.")
    assert await types(parts) == ["registered", "requested", "offer_drafted"]
    page = await clinic.open("/work?list=unsent")
    assert held(page)["unsent"] == 1
    [row] = page.table()
    assert (row["With"], row["Next step"]) == ("to nobody yet", "Go on")
    assert held(await shelter.open("/work")) == {}
    page = await clinic.open(page.link_in_table())
    assert (await shelter.open(page.path)).status == 404
    step = await clinic.open(going_on(page))
    assert step.control(MEALS).has("checked")
    step = await clinic.press(step, ON)
    step = await clinic.press(step, ON, AGREED)
    sent = await clinic.press(step, SEND)
    assert sent.path == page.path
    assert (await shelter.open(page.path)).status == 200
    assert "Sent, not looked at yet. It is Shelter's turn" in sent.text
    assert held(await clinic.open("/work")).get("unsent", 0) == 0
    offers = [each["data"]["offer_id"] for each in await cases(parts) if "offer_" in each["type"]]
    assert len(offers) == 2
    assert len(set(offers)) == 1
    assert await refused(parts) == []


async def test_draft_that_is_kept_again_takes_the_place_of_the_one_before(clinic: Surfer, parts: Parts) -> None:
    page = await kept(clinic)
    page = await clinic.open(going_on(page))
    wrong = await clinic.press(page, KEEP, {ROOMS: True, "What they should know": "x" * 4001})
    assert list(wrong.wrong()) == ["f-details"]
    page = await clinic.press(wrong, KEEP, {"What they should know": "Ask for Ada"})
    assert "Ask for Ada" in (await clinic.press(page, "Open what was written")).text
    assert (await types(parts))[3:] == ["offer_drafted", "offer_discarded"]
    assert (await clinic.open(going_on(page))).control(ROOMS).has("checked")
    assert ("For Newcomer, " in page.text, "For Shelter, " in page.text) == (True, False)


async def test_draft_is_thrown_away_and_the_need_stays(clinic: Surfer, parts: Parts) -> None:
    page = await kept(clinic)
    gone = going_on(page)
    page = await answered(clinic, page, "Throw the draft away", WHY)
    assert [each for each in page.buttons() if each.startswith("Offer it")] == ["Offer it to somebody"]
    assert (await clinic.open(gone)).path == page.path
    assert held(await clinic.open("/work")).get("unsent", 0) == 1
    await answered(clinic, page, "Make no further attempt", WHY)
    assert held(await clinic.open("/work")).get("unsent", 0) == 0
    assert await refused(parts) == []


async def test_what_is_kept_twice_is_kept_once_and_says_what_is_missing(clinic: Surfer, parts: Parts) -> None:
    page = await clinic.press(await clinic.open("/refer"), KEEP, {"What they should know": "typed before"})
    assert list(page.wrong()) == ["f-own", "f-need", "f-urgency"]
    assert page.control("What they should know").text == "typed before"
    page.fill(NEED)
    _, place, fields = page.sent(KEEP)
    both = await asyncio.gather(*(clinic.browser.post(place, data=fields) for _ in range(2)))
    assert {each.status_code for each in both} == {303}
    assert len({each["id"] for each in await cases(parts)}) == 3
    assert await refused(parts) == []


async def test_what_is_arranged_outside_goes_on_by_itself(clinic: Surfer, shelter: Surfer, parts: Parts) -> None:
    sent = await referred(clinic)
    assert "It was arranged outside" not in sent.text
    page = await answered(clinic, sent, "Take it back", WHY)
    page = await clinic.open(page.link("It was arranged outside"))
    wrong = await clinic.press(page, "It was arranged outside", {"What you want to remember": "Ask for Ada"})
    assert list(wrong.wrong()) == ["f-channel"]
    said: dict[str, str | bool] = {"What kind of organisation it went to": "Housing", "How you told them": "By phone"}
    outside = await clinic.press(wrong, "It was arranged outside", said)
    assert outside.path != sent.path
    assert "Arranged outside. Nobody there says here how it ends." in outside.text
    assert (outside.terms()["Arranged with"], outside.terms()["Told"]) == ("Housing", "By phone")
    assert "Ask for Ada" in (await clinic.press(outside, "Open what was written")).text
    assert "No further attempt is made: arranged outside the network." in (await clinic.open(sent.path)).text
    heard = await answered(clinic, outside, "I heard how it ended", {"Yes": True, "The person": True})
    assert heard.terms()["Served, as you heard"] == "Yes"
    assert "I heard how it ended" not in heard.text
    assert (await shelter.open(outside.path)).status == 404
    assert held(await clinic.open("/work")) == {}
    assert await refused(parts) == []
