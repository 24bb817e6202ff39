"""A referral goes round by pages alone: sent, seen, accepted, served, told, and acknowledged."""

from typing import Any

import orjson

from events.topics import DISCLOSURES
from services.gateway.pages.words import written_day
from services.gateway.parts import Parts
from services.gateway.worklist import LISTS
from tests.support import staffing
from tests.support.admitting import ahead, records
from tests.support.canary import Search
from tests.support.reading import NAME
from tests.support.staffing import BEDS, NEED, ON, SEND, previewed, referred
from tests.support.surfing import Page, Surfer, held

CANARY = Search([NAME])
OUTCOME: dict[str, str | bool] = {
    "Yes": True,
    "Kind, row 1": "Housed",
    "Amount, row 1": "3",
    "Unit, row 1": "Nights",
}

#: When the shelter expects to begin.
SOON = ahead(days=30)[:10]


async def answered(who: Surfer, page: Page, action: str, said: dict[str, str | bool] | None = None) -> Page:
    """Say something of the page's referral: by its button, or by the form that its link leads to."""
    if action in [each.text for each in page.root.all("button")]:
        return await who.press(page, action)
    return await who.press(await who.open(page.link(action)), action, said)


async def test_loop_is_closed_by_pages(clinic: Surfer, shelter: Surfer) -> None:
    sent = await referred(clinic)
    assert sent.title == "Referral: A bed for tonight"
    assert "Sent, not looked at yet. It is Shelter's turn" in sent.text
    assert held(await clinic.open("/work")) == {"waiting": 1}
    page = await shelter.open("/work")
    [row] = page.table()
    assert (row["Person"], row["Need"], row["Area"], row["Urgency"]) == (
        "no name of ours yet",
        "A bed for tonight",
        "North",
        "Soon",
    )
    assert (row["With"], row["Next step"]) == ("from Clinic", "Answer")
    page = await shelter.open(page.link_in_table())
    assert page.buttons() == ["I have seen it", "Accept", "Decline", "Open what was written"]
    page = await answered(shelter, page, "I have seen it")
    assert page.buttons() == ["Accept", "Decline", "Open what was written"]
    closed = await shelter.press(page, "Open what was written")
    assert (closed.status, closed.title) == (403, "Not open yet")
    page = await answered(shelter, page, "Accept", {"When they can expect to be served": SOON})
    assert f"Accepted, not begun yet. It is your turn, by {written_day(SOON)}" in page.text
    texts = await shelter.press(page, "Open what was written")
    assert NAME in texts.text
    page = await answered(shelter, page, "Service has begun")
    assert held(await shelter.open("/work")) == {"taken": 1}
    page = await answered(shelter, page, "Tell how it ended", OUTCOME)
    assert "Served. It is Clinic's turn" in page.text
    page = await clinic.open("/work?list=ended")
    assert held(page) == {"ended": 1}
    page = await clinic.open(page.link_in_table())
    page = await answered(clinic, page, "I have seen how it ended")
    assert "Nobody owes a step." in page.text
    assert [row["What"] for row in page.table()] == [
        "Need stated",
        "Sent",
        "Looked at",
        "Accepted",
        "Service begun",
        "Outcome told",
        "Outcome seen by the sender",
    ]
    assert [row["They said"] for row in page.table() if row["They said"]] == [
        f"Expected by {written_day(SOON)}.",
        "Served: Yes. Given: Housed (3 nights).",
    ]
    assert held(await clinic.open("/work")) == {}
    assert held(await shelter.open("/work")) == {}


async def test_name_stands_in_no_page_but_behind_its_button(clinic: Surfer, shelter: Surfer) -> None:
    need = await clinic.press(await clinic.open("/refer"), ON, NEED)
    pages = [need, preview := await previewed(clinic)]
    pages.append(sent := await clinic.press(preview, SEND))
    for who in (clinic, shelter):
        pages += [await who.open(f"/work?list={name}") for name in LISTS]
    page = await shelter.open(sent.path)
    pages += [page, accept := await shelter.open(page.link("Accept")), await shelter.open(page.link("Decline"))]
    pages.append(taken := await shelter.press(accept, "Accept"))
    for each in pages:
        assert CANARY.text(each.path, each.html.encode() + str(each.answer.headers).encode()) == set()
    for who, at in ((shelter, taken), (clinic, await clinic.open(sent.path))):
        assert CANARY.text("", (await who.press(at, "Open what was written")).html.encode()) != set()


async def test_whatever_is_shown_is_on_record_first(clinic: Surfer, shelter: Surfer, parts: Parts) -> None:
    sent = await referred(clinic)
    before = await _disclosed(parts)
    await shelter.open("/work")
    page = await shelter.open(sent.path)
    taken = await answered(shelter, page, "Accept")
    await shelter.press(taken, "Open what was written")
    told = [(each["actor"], each["data"]["reader"], each["data"]["fields"]) for each in await _disclosed(parts)]
    bo = staffing.STAFF["shelter"]
    assert told[len(before) :] == [
        (bo, "shelter", ["status"]),
        (bo, "shelter", ["status", "timeline"]),
        (bo, "shelter", ["status"]),
        (bo, "shelter", ["status"]),
        (bo, "shelter", ["status", "timeline"]),
        (bo, "shelter", ["details"]),
    ]


async def _disclosed(parts: Parts) -> list[dict[str, Any]]:
    found = [orjson.loads(each.value or b"") for each in await records(parts.settings, DISCLOSURES)]
    opened = [each for each in found if each["type"] == "org.manyhands.disclosure.opened.v1"]
    return sorted(opened, key=lambda each: each["time"])


async def test_declined_referral_is_offered_to_somebody_else(clinic: Surfer, shelter: Surfer, newcomer: Surfer) -> None:
    sent = await referred(clinic)
    first = (await shelter.open(sent.path)).link("Accept")
    page = await shelter.open((await shelter.open(sent.path)).link("Decline"))
    said: dict[str, str | bool] = {"Why": "No room at present", "Note": "Try on Monday", "Newcomer": True}
    page = await shelter.press(page, "Decline", said)
    assert "Declined. It is Clinic's turn." in page.text
    page = await clinic.open(sent.path)
    assert "No room at present" in page.text
    assert "Try on Monday" in (await clinic.press(page, "Open what was written")).text
    page = await clinic.open(page.link("Offer it to somebody else"))
    rooms = staffing.ROOMS.replace("; room", "; suggested by Shelter; room")
    page = await clinic.press(page, ON, {rooms: True, "What they should know": "Ask for Ada"})
    page = await clinic.press(page, ON, staffing.AGREED)
    page = await clinic.press(page, SEND)
    assert page.path == sent.path
    assert "Sent, not looked at yet. It is Newcomer's turn" in page.text
    [row] = (await newcomer.open("/work")).table()
    assert row["With"] == "from Clinic"
    # Of the offers to others a recipient hears nothing, not even whether there are any.
    theirs = await newcomer.open(sent.path)
    assert "Declined" not in theirs.text
    assert (await newcomer.open(first)).status == 404
    assert (await newcomer.open(theirs.link("Accept"))).status == 200
    assert (await shelter.open("/work")).root.one("h2").text == "Needs my answer"


async def test_protected_programmes_have_no_name_in_lists(clinic: Surfer, shelter: Surfer) -> None:
    sent = await referred(clinic, service=BEDS)
    page = await clinic.open("/work?list=waiting")
    [row] = page.table()
    assert (row["Need"], row["With"]) == ("protected need", "to protected partner")
    assert "Shelter" not in page.text
    assert "A bed for tonight" not in page.text
    [row] = (await shelter.open("/work")).table()
    assert (row["Need"], row["With"]) == ("protected need", "from Clinic")
    page = await shelter.open(sent.path)
    taken = await answered(shelter, page, "Accept")
    opened = await shelter.press(taken, "Open what was written")
    assert "42 CFR part 2 prohibits unauthorized use or disclosure of these records." in opened.text
    assert "about: substance use (protected)" in opened.text
