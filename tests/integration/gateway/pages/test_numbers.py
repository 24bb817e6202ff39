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
