"""Two registrars decide on pages whether two records are one person's, and are told of neither record."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from services.gateway.oneperson.requests import LinkRequests
from services.gateway.pages.staff import ONE_PERSON
from services.gateway.parts import Parts
from services.runtime.settings import Settings
from tests.support import doors, people
from tests.support.admitting import BACKBONE, CLINIC, REGISTRAR, SECOND, clinic, codes, registered, registrar, said
from tests.support.events import INITIATIVE, ident
from tests.support.surfing import Page, Surfer
from tests.support.wait import until

APPROVE, REFUSE = "Approve it", "Refuse it"
DECIDE = "Decide whether records are one person's"


@pytest.fixture
async def both(app: FastAPI, parts: Parts) -> AsyncIterator[tuple[Surfer, Surfer]]:
    """Two registrars of the backbone, each acting as such."""
    row = said("partner.role_assigned", "second", {"person_id": SECOND, "role": "registrar"}, subject=BACKBONE)
    assert codes(await parts.admission.admit(registrar, [row])) == [None]
    await people.add(parts.settings, "two@together.example", SECOND, BACKBONE)
    async with people.browser(app) as one, people.browser(app) as two:
        yield await _acting(parts, one, REGISTRAR), await _acting(parts, two, SECOND)


async def _acting(parts: Parts, browser: httpx.AsyncClient, person: str) -> Surfer:
    text = await parts.people.sessions.open(person)
    browser.cookies.set("__Host-session", text, domain="door.example")
    who = Surfer(browser)
    assert (await who.open(ONE_PERSON)).status == 403
    page = await who.press(await who.open("/me"), "Change", {"Registrar of the initiative": True})
    assert page.link(DECIDE) == ONE_PERSON
    return who


@pytest.fixture
async def link(parts: Parts) -> str:
    """A request of the clinic that two of its numbers be one person's."""
    rows = [registered("1", "own:1"), registered("2", "own:2")]
    assert codes(await parts.admission.admit(clinic, rows)) == [None] * 2
    return await _ask(parts)


async def _ask(parts: Parts) -> str:
    async with doors.partner(parts, CLINIC) as door:
        answer = await door.post("/v1/clients/own:1/links", json={"other": "own:2"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["request"])


async def _told(parts: Parts) -> tuple[str, str | None]:
    """Return the state and the reason of what the clinic asked last, as it is told."""
    async with doors.partner(parts, CLINIC) as door:
        latest = (await door.get("/v1/clients/own:1/links")).json()["requests"][0]
    return latest["state"], latest["reason"]


async def _opened(who: Surfer) -> Page:
    return await who.open((await who.open(ONE_PERSON)).link_in_table())


async def test_two_registrars_approve_and_see_neither_record(
    both: tuple[Surfer, Surfer], link: str, parts: Parts
) -> None:
    first, second = both
    [row] = (await first.open(ONE_PERSON)).table()
    assert (row["What"], row["By"], row["How it stands"], row["Next step"]) == (
        "Take two records for one person's",
        "Clinic",
        "Waits for two persons",
        "Decide",
    )
    page = await _opened(first)
    assert page.terms()["Request"] == link
    records = await parts.vault.find(INITIATIVE, CLINIC, ["own:1", "own:2"])
    assert not [each for each in records.values() if each in page.html]
    again = await first.press(page, APPROVE)
    assert again.terms()["How it stands"] == "Approved by one, waits for a second person"
    assert again.buttons() == [REFUSE]
    # Pressed once more, it is shown the same, and nothing changes: one person is not two.
    twice = await first.press(page, APPROVE)
    assert (twice.status, twice.terms(), twice.buttons()) == (200, again.terms(), [REFUSE])
    assert await _told(parts) == ("waiting", None)
    done = await second.press(await _opened(second), APPROVE)
    assert (done.terms()["How it stands"], done.buttons()) == ("Done", [])
    assert await _told(parts) == ("published", None)
    assert "There is none." in (await second.open(ONE_PERSON)).text


async def test_two_presses_at_once_are_one_approval(
    both: tuple[Surfer, Surfer], link: str, settings: Settings, parts: Parts
) -> None:
    first, _ = both
    page = await _opened(first)
    connection = await asyncpg.connect(settings.postgres)
    try:
        async with connection.transaction():
            await connection.execute("select from keep.client_link for update")
            presses = [asyncio.create_task(first.press(page, APPROVE)) for _ in range(2)]
            # Both have seen it wait for a first person, and neither has written.
            await until(lambda: _held_up(connection))
        answers = await asyncio.gather(*presses)
    finally:
        await connection.close()
    stands = "Approved by one, waits for a second person"
    assert [(each.status, each.terms()["How it stands"]) for each in answers] == [(200, stands)] * 2
    assert await _told(parts) == ("waiting", None)


async def _held_up(connection: asyncpg.Connection) -> bool:
    """Say whether two statements wait for a lock."""
    waiting: int = await connection.fetchval("select count(distinct pid) from pg_locks where not granted")
    return waiting == 2


async def test_one_refuses_with_a_reason_that_whoever_asked_reads(
    both: tuple[Surfer, Surfer], link: str, parts: Parts
) -> None:
    first, second = both
    late = await _opened(second)
    missing = await first.press(await _opened(first), REFUSE)
    assert (missing.status, missing.wrong()) == (422, {"f-reason": "Why: choose one"})
    page = await first.press(missing, REFUSE, {"Why": "Its reasons do not convince"})
    assert page.terms()["How it stands"] == "Refused. Its reasons do not convince"
    assert await _told(parts) == ("refused", "not-convinced")
    gone = [await second.press(late, each, {"Why": "Another reason"}) for each in (APPROVE, REFUSE)]
    assert [(each.status, each.title) for each in gone] == [(409, "Not possible any more")] * 2
    assert await _told(parts) == ("refused", "not-convinced")


async def test_whoever_asked_signed_in_is_none_of_the_two(both: tuple[Surfer, Surfer], link: str, parts: Parts) -> None:
    await parts.pool.execute("update keep.client_link set person = $1", SECOND)
    first, second = both
    page = await _opened(second)
    assert page.buttons() == [REFUSE]
    assert APPROVE in (await _opened(first)).buttons()


async def test_nobody_else_decides(
    clinic: Surfer, stranger: httpx.AsyncClient, both: tuple[Surfer, Surfer], link: str, parts: Parts
) -> None:
    for place in (ONE_PERSON, f"{ONE_PERSON}/{link}"):
        page = await clinic.open(place)
        assert (page.status, page.title) == (403, "This is not yours to do")
        away = await stranger.get(place)
        assert (away.status_code, away.headers["location"]) == (303, "/signin")
    _, place, fields = (await _opened(both[0])).sent(APPROVE)
    answer = await clinic.browser.post(place, data=fields)
    assert answer.status_code == 403
    fields["csrf"] = (await clinic.open("/refer")).sent("Go on")[2]["csrf"]
    assert (await clinic.browser.post(place, data=fields)).status_code == 403
    unknown = await both[0].open(f"{ONE_PERSON}/{ident('another')}")
    assert unknown.status == 404
    found = await LinkRequests(parts.keep).find(INITIATIVE, link)
    assert found is not None
    assert (found.first_by, found.refused_by) == (None, None)
