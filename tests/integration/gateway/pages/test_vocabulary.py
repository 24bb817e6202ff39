"""Everything that can be said on a referral's page is said there once, in stories that use all of the table."""

from typing import NamedTuple

import pytest

from services.gateway.pages.vocabulary import ACTIONS
from services.gateway.pages.words import EVENTS
from tests.support.admitting import ahead
from tests.support.staffing import referred
from tests.support.surfing import Page, Surfer, held


class Said(NamedTuple):
    """What one side says, by which form, and how the referral stands then."""

    by: str
    slug: str
    fields: dict[str, str | bool]
    stands: str


WHY: dict[str, str | bool] = {"Why": "Another reason"}
PHONE: dict[str, str | bool] = {"How": "By phone"}
SERVED: dict[str, str | bool] = {"Yes": True, "Kind, row 1": "Housed"}
#: A day that a policy lets be named.
SOON = ahead(days=30)[:10]
NOT_SERVED: dict[str, str | bool] = {"No": True, "Why not": "The person moved away"}
ACCEPTED = Said("shelter", "offer-accepted", {}, "Accepted, not begun yet")
STORIES = [
    [
        Said("shelter", "offer-viewed", {}, "Looked at, not answered yet"),
        ACCEPTED,
        Said(
            "shelter",
            "contact-attempted",
            {**PHONE, "What came of it": "No answer"},
            "Accepted, and somebody tries to reach the person",
        ),
        Said("shelter", "waitlisted", {"When you expect to have room": SOON}, "The person waits for a place"),
        Said("shelter", "service-started", {}, "The person is being served"),
        Said("shelter", "put-on-hold", {"Why": "Another reason"}, "It rests for a while"),
        Said("shelter", "resumed", {}, "The person is being served"),
        Said("clinic", "outcome-reported-by-sender", {"Yes": True, "The person": True}, "The person is being served"),
        Said("shelter", "outcome-recorded", SERVED, "Served"),
        Said("clinic", "outcome-acknowledged", {}, "Served"),
        Said("clinic", "client-asked", {"How": "In person"}, "Served"),
        Said("shelter", "client-answered", {"In part": True}, "Served"),
        Said("shelter", "outcome-corrected", {**NOT_SERVED, "Why it is corrected": "Another reason"}, "Not served"),
        Said("clinic", "closed", WHY, "Not served"),
    ],
    [
        ACCEPTED,
        Said("clinic", "cancel-requested", WHY, "The sender asks to cancel it, and waits for an answer"),
        Said("shelter", "cancel-confirmed", {}, "Cancelled, as the sender asked"),
    ],
    [ACCEPTED, Said("shelter", "withdrawn", WHY, "Given back by whoever had accepted it")],
    [
        Said("shelter", "offer-declined", {"Why": "No room at present"}, "Declined"),
        Said("clinic", "entered-in-error", WHY, "Not sent to anybody yet"),
    ],
    [Said("clinic", "offer-recalled", WHY, "Taken back"), Said("clinic", "closed", WHY, "Taken back")],
]


async def said(who: Surfer, page: Page, told: Said) -> Page:
    """Say it by the button or the form that the page has for it."""
    title = ACTIONS[told.slug].title
    if title in [each.text for each in page.root.all("button")]:
        return await who.press(page, title)
    return await who.press(await who.open(page.link(title)), title, told.fields)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story[-1].slug)
async def test_story_is_told_by_pages(clinic: Surfer, shelter: Surfer, story: list[Said]) -> None:
    path = (await referred(clinic)).path
    sides = {"clinic": clinic, "shelter": shelter}
    for told in story:
        who = sides[told.by]
        page = await said(who, await who.open(path), told)
        assert page.path == path, page.text
        assert page.text.partition("How it stands")[2].startswith(told.stands), page.text
        assert page.table()[-1]["What"] == EVENTS[ACTIONS[told.slug].type]
        # Whoever owes the next step finds it in a list.
        for side in sides.values():
            if "It is your turn" in (await side.open(path)).text:
                assert held(await side.open("/work")), (told, page.text)


#: What begins elsewhere or leads there, told in `test_unsent`.
APART = {"offer-discarded", "handoff-reported"}


def test_stories_use_the_whole_table() -> None:
    # What is asked of a class is claimed in a story of its own.
    assert {told.slug for story in STORIES for told in story} | {"offer-claimed"} == set(ACTIONS) - APART


async def test_what_its_sender_ended_waits_for_nobody(clinic: Surfer, shelter: Surfer) -> None:
    page = await referred(clinic)
    page = await said(clinic, page, Said("clinic", "offer-recalled", WHY, ""))
    assert held(await clinic.open("/work")) == {"again": 1}
    assert "Offer it to somebody else" in page.buttons()
    page = await said(clinic, page, Said("clinic", "closed", WHY, ""))
    assert "No further attempt is made: another reason." in page.text
    assert held(await clinic.open("/work")) == {}
    page = await shelter.open(page.path)
    assert "No further attempt" not in page.text


async def test_person_who_wants_no_sharing_ends_it(clinic: Surfer, shelter: Surfer) -> None:
    page = await shelter.open((await referred(clinic)).path)
    page = await said(shelter, page, ACCEPTED)
    stop: dict[str, str | bool] = {"No": True, "The person wants sharing to stop": True}
    page = await said(shelter, page, Said("shelter", "client-answered", stop, ""))
    assert "Ended, as the person's consent ended" in page.text
    assert "The person's consent does not cover this any more" in page.text


async def test_offer_that_was_taken_back_meanwhile_is_not_accepted(clinic: Surfer, shelter: Surfer) -> None:
    page = await shelter.open((await referred(clinic)).path)
    accept = await shelter.open(page.link("Accept"))
    await said(clinic, await clinic.open(page.path), Said("clinic", "offer-recalled", WHY, ""))
    late = await shelter.press(accept, "Accept")
    assert (late.status, late.title) == (409, "Not possible any more")
