"""Staff see a person by the number that they typed, and nobody else sees it."""

import asyncpg

from services.gateway.parts import Parts
from tests.support.staffing import AGREED, MEALS, NEED, ON, ROOMS, SEND, previewed, referred
from tests.support.surfing import Page, Surfer

NUMBER = "4711"


def person(page: Page) -> str:
    [row] = page.table()
    return row["Person"]


async def test_number_stands_in_the_list_on_the_page_and_before_it_is_sent(
    clinic: Surfer, shelter: Surfer, parts: Parts
) -> None:
    assert (await previewed(clinic)).terms()["Your number for the person"].startswith(NUMBER)
    sent = await referred(clinic)
    waiting = await clinic.open("/work?list=waiting")
    assert person(waiting) == NUMBER
    [link] = waiting.root.one("tbody").all("a")
    assert link["aria-label"].startswith(f"Look: {NUMBER}, since ")
    assert (await clinic.open(sent.path)).terms()["Person"] == NUMBER
    # Negative control: in what the shelter sees there is none, and the clinic's page has it.
    assert NUMBER in waiting.html
    for page in (await shelter.open("/work"), await shelter.open(sent.path)):
        assert NUMBER not in page.html
    declining = await shelter.open((await shelter.open(sent.path)).link("Decline"))
    await shelter.press(declining, "Decline", {"Why": "No room at present"})
    page = await clinic.open((await clinic.open(sent.path)).link("Offer it to somebody else"))
    page = await clinic.press(page, ON, {ROOMS: True})
    page = await clinic.press(page, ON, AGREED)
    assert page.terms()["Person"] == NUMBER
    await clinic.press(page, SEND)


async def test_number_of_before_shows_once_it_is_typed_again(clinic: Surfer, parts: Parts) -> None:
    sent = await referred(clinic)
    connection = await asyncpg.connect(parts.settings.postgres)
    await connection.execute("update keep.alias set own_sealed = null")
    alias = await connection.fetchval("select alias::text from keep.alias")
    await connection.close()
    assert person(await clinic.open("/work?list=waiting")) == alias
    assert (await clinic.open(sent.path)).terms()["Person"] == alias
    # It is enough that the form asks what this person agreed to; nothing is sent.
    page = await clinic.press(await clinic.open("/refer"), ON, NEED)
    await clinic.press(page, ON, {MEALS: True})
    assert (await clinic.open(sent.path)).terms()["Person"] == NUMBER


GIVE, CHANGE, KEEP = "Give the person a number of yours", "Change your number for the person", "Keep the number"
LABEL = "Your number for the person"


async def _accepted(clinic: Surfer, shelter: Surfer, own: str) -> Page:
    """Return the shelter's page of a referral that it has taken on."""
    sent = await referred(clinic, {**NEED, LABEL: own})
    asked = await shelter.open(sent.path)
    assert (await shelter.open(f"{sent.path}/number")).status == 404
    assert GIVE not in asked.text
    return await shelter.press(await shelter.open(asked.link("Accept")), "Accept")


async def test_whoever_took_somebody_on_finds_them_by_a_number_of_its_own(
    clinic: Surfer, shelter: Surfer, newcomer: Surfer
) -> None:
    mine = await _accepted(clinic, shelter, "4711")
    form = await shelter.open(mine.link(GIVE))
    missing = await shelter.press(form, KEEP)
    assert missing.wrong() == {"f-own": "Your number for the person: this is needed"}
    mine = await shelter.press(missing, KEEP, {LABEL: "S-77"})
    assert mine.terms()["Person"] == "S-77"
    found = await shelter.press(await shelter.open("/find"), "Find", {LABEL: "S-77"})
    assert person(found) == "S-77"
    # To everybody else it says nothing, and to the sender its own number does.
    theirs = await clinic.open(mine.path)
    assert (theirs.terms()["Person"], "S-77" in theirs.html) == ("4711", False)
    assert (await newcomer.open(f"{mine.path}/number")).status == 404
    assert (await clinic.open(f"{mine.path}/number")).status == 404


async def test_number_names_one_person_and_can_be_corrected(clinic: Surfer, shelter: Surfer) -> None:
    first, second = [await _accepted(clinic, shelter, own) for own in ("4711", "4712")]
    await shelter.press(await shelter.open(first.link(GIVE)), KEEP, {LABEL: "S-77"})
    twice = await shelter.press(await shelter.open(second.link(GIVE)), KEEP, {LABEL: "S-77"})
    assert list(twice.wrong()) == ["f-own"]
    assert "ask that the two be linked" in twice.text
    form = await shelter.open((await shelter.open(first.path)).link(CHANGE))
    assert form.control(LABEL)["value"] == "S-77"
    await shelter.press(form, KEEP, {LABEL: "S-78"})
    assert (await shelter.press(twice, KEEP, {LABEL: "S-77"})).terms()["Person"] == "S-77"
