"""The link of a weekly mail: looked at as often as anybody likes, confirmed by one tap, corrected by a form."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest

from services.gateway.app import make
from services.gateway.links.addresses import Addresses
from services.gateway.parts import Parts
from services.gateway.weekly import saying
from services.gateway.weekly.scene import Scene
from services.runtime.settings import Settings
from tests.support import linking, people, reading
from tests.support.admitting import SHELTER, codes, said, shelter
from tests.support.events import INITIATIVE, ident
from tests.support.mailbox import Mailbox
from tests.support.people import proof
from tests.support.reading import MEALS
from tests.support.weekly import SOUP, ends, mailed, reports, room, tapped


async def test_looking_changes_nothing_and_one_tap_makes_the_age_new(
    settings: Settings, parts: Parts, box: Mailbox
) -> None:
    place = await mailed(settings, box)
    before = await ends(settings)
    async with people.browser(make(parts)) as scanner:
        for way in (place, f"{place}/{MEALS}", f"{place}/{SOUP}", place):
            assert (await scanner.get(way)).status_code == 200
            assert (await scanner.head(way)).status_code in (200, 405)
    assert await ends(settings) == before
    assert (await room(parts))["age_hours"] == 9 * 24
    async with people.browser(make(parts)) as browser:
        page = await browser.get(place)
        assert "room: 4 of 10 meals, said 9 days ago" in page.text
        async with people.browser(make(parts)) as other:
            # Without a page of its own, and with that of another browser.
            assert (await tapped(other, place, page)).status_code == 403
            await other.get(place)
            assert (await tapped(other, place, page)).status_code == 403
        assert await ends(settings) == before
        answer = await tapped(browser, place, page)
        assert (answer.status_code, answer.headers["location"]) == (303, place)
        after = (await browser.get(place)).text
        assert "Nobody said yet how much room there is for Soup" in after
        assert "All of it still holds" not in after
    # What was never said is not confirmed, and a look can tell that something was said.
    assert await ends(settings) != before
    told = await room(parts)
    assert (told["age_hours"], told["available"], told["maximum"], told["unit"]) == (0, 4, 10, "meal")
    assert await room(parts, SOUP) is None
    [event] = await reports(settings)
    assert (event["source"], event["subject"]) == (f"urn:manyhands:partner:{SHELTER}", SHELTER)


async def twice(settings: Settings, parts: Parts, box: Mailbox) -> set[tuple[str, str]]:
    """Tap twice, the second time as if the process had died before it noted the first; return ids and digests."""
    place = await mailed(settings, box)
    async with people.browser(make(parts)) as browser:
        page = await browser.get(place)
        for _ in range(2):
            assert (await tapped(browser, place, page)).status_code == 303
            await people.rows(settings, "update keep.weekly_answer set published = null returning mail")
    told = await reports(settings)
    assert len(told) == 2
    return {(each["id"], each["data"]["admitted"]["digest"]) for each in told}


async def test_second_tap_counts_once(settings: Settings, parts: Parts, box: Mailbox) -> None:
    assert len(await twice(settings, parts, box)) == 1


async def test_without_ids_that_follow_from_the_answer_a_second_tap_would_count(
    settings: Settings, parts: Parts, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = saying.rows

    def random(*arguments: Any) -> Sequence[bytes]:
        return [orjson.dumps(orjson.loads(row) | {"id": str(uuid4())}) for row in usual(*arguments)]

    monkeypatch.setattr(saying, "rows", random)
    assert len(await twice(settings, parts, box)) == 2


async def test_service_is_corrected_and_what_nobody_saw_is_not_confirmed(
    settings: Settings, parts: Parts, box: Mailbox
) -> None:
    place = await mailed(settings, box)
    async with people.browser(make(parts)) as browser:
        old = await browser.get(place)
        form = await browser.get(f"{place}/{SOUP}")
        typed = {"csrf": proof(form), "once": "1", "status": "capacity", "available": "70", "maximum": "60"}
        wrong = await browser.post(f"{place}/{SOUP}", data=typed)
        assert (wrong.status_code, "more than there is in all" in wrong.text) == (422, True)
        wrong = await browser.post(f"{place}/{SOUP}", data=typed | {"status": "no-capacity", "available": "5"})
        assert (wrong.status_code, "you said that there is no room" in wrong.text.lower()) == (422, True)
        assert (await browser.post(f"{place}/{SOUP}", data=typed | {"available": "50"})).status_code == 303
        assert (await browser.post(f"{place}/{SOUP}", data=typed | {"available": "50"})).status_code == 303
        assert (await room(parts, SOUP))["available"] == 50
        # The partner's own system says something between the look and the tap.
        full = {"service_id": MEALS, "status": "no-capacity"}
        row = said("partner.capacity_reported", "full", full, time=(datetime.now(UTC) - timedelta(days=8)).isoformat())
        assert codes(await parts.admission.admit(shelter, [row])) == [None]
        answer = await tapped(browser, place, old)
        assert (answer.status_code, "Please look again" in answer.text) == (409, True)
        assert ((await room(parts))["status"], (await room(parts))["age_hours"] > 0) == ("no-capacity", True)
        assert (await tapped(browser, place, answer)).status_code == 303
        assert "Thank you" in (await browser.get(place)).text
    assert (await room(parts))["age_hours"] == 0
    assert len(await reports(settings)) == 2


async def test_without_a_name_of_what_the_page_showed_a_tap_would_confirm_what_nobody_saw(
    settings: Settings, parts: Parts, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Scene, "shown", "0" * 64)
    place = await mailed(settings, box)
    async with people.browser(make(parts)) as browser:
        old = await browser.get(place)
        full = {"service_id": MEALS, "status": "no-capacity"}
        row = said("partner.capacity_reported", "full", full, time=(datetime.now(UTC) - timedelta(days=8)).isoformat())
        assert codes(await parts.admission.admit(shelter, [row])) == [None]
        assert (await tapped(browser, place, old)).status_code == 303
    assert ((await room(parts))["status"], (await room(parts))["age_hours"]) == ("no-capacity", 0)


async def test_link_speaks_of_its_own_partners_services_of_that_week_alone(
    settings: Settings, parts: Parts, box: Mailbox
) -> None:
    place = await mailed(settings, box)
    later = {"service_id": ident("later"), "name": "Later", "needs": ["food"], "accepts_referrals": True}
    row = said("partner.service_published", "later", later | {"programme_class": "general"})
    assert codes(await parts.admission.admit(shelter, [row])) == [None]
    before = await ends(settings)
    async with people.browser(make(parts)) as browser:
        page = await browser.get(place)
        assert "Later" not in page.text
        for service in (reading.ROOMS, ident("beds"), ident("later"), ident("nothing")):
            assert (await browser.get(f"{place}/{service}")).status_code == 404
            typed = {"csrf": proof(page), "status": "no-capacity"}
            assert (await browser.post(f"{place}/{service}", data=typed)).status_code == 404
        assert (await browser.get("/offer")).status_code == 410
    assert await ends(settings) == before
    secret = place.removeprefix("/w/")
    for table in ("weekly_round", "weekly_mail", "weekly_link", "weekly_answer"):
        rows = await people.rows(settings, f"select t::text from keep.{table} t")  # noqa: S608
        assert secret not in "".join(row[0] for row in rows)


async def test_link_that_leads_nowhere_says_what_to_do(settings: Settings, parts: Parts, box: Mailbox) -> None:
    place = await mailed(settings, box)
    async with people.browser(make(parts)) as browser:

        async def shows(status: int, words: str) -> bool:
            page, form = await browser.get(place), await browser.get(f"{place}/{MEALS}")
            return page.status_code == form.status_code == status and words in page.text and "<form" not in page.text

        for cut in (place[:-1], f"{place})", f"{place}%0A", "/w/x"):
            assert ((page := await browser.get(cut)).status_code, "not known" in page.text) == (404, True)
        assert "not known" in (await browser.get(f"/w/{'x' * 43}")).text
        with people.suspended(parts, SHELTER):
            assert await shows(410, "withdrawn")
        await linking.addressed(parts, SHELTER, "else@shelter.example")
        assert await shows(410, "withdrawn")
        await Addresses(parts.keep).forget(INITIATIVE, SHELTER)
        assert await shows(410, "withdrawn")
        await linking.addressed(parts)
        page = await browser.get(place)
        await people.rows(settings, "update keep.weekly_link set ends = now() returning mail")
        assert await shows(410, "has ended")
        before = await ends(settings)
        assert (await tapped(browser, place, page)).status_code == 410
        assert await ends(settings) == before
