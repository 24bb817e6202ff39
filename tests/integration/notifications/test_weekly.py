"""The weekly mail: sent once, looked at as often as anybody likes, and confirmed by one tap."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import orjson
import pytest

from events.topics import ALL, INITIATIVES
from services.gateway.app import make
from services.gateway.links.addresses import Addresses
from services.gateway.parts import Parts, opened
from services.gateway.weekly import saying
from services.notifications.posting import post_of
from services.notifications.telemetry import Mailing
from services.notifications.weekly import sending
from services.notifications.weekly.schedule import Schedule
from services.notifications.weekly.sending import Weekly
from services.runtime import log
from services.runtime.settings import Settings
from services.runtime.store import connect
from tests.support import doors, linking, people, reading
from tests.support.admitting import CLINIC, NEWCOMER, SHELTER, codes, records, said, shelter
from tests.support.events import INITIATIVE, ident
from tests.support.linking import DESK
from tests.support.mailbox import Mailbox
from tests.support.people import proof
from tests.support.reading import MEALS

WEEK = timedelta(days=7)
SOUP = ident("soup")
_LINK = re.compile(r"https://door\.example(/w/[A-Za-z0-9_-]{43})\s")
_SHOWN = re.compile(r'name="shown" value="([0-9a-f]{64})"')


@pytest.fixture
async def parts(settings: Settings) -> AsyncIterator[Parts]:
    """The gateway's parts; the shelter said nine days ago how much room one service has, and nothing of another."""
    async with opened(settings) as made:
        await reading.prepared(made)
        soup = {"service_id": SOUP, "name": "Soup", "needs": ["food"], "accepts_referrals": True}
        then = (datetime.now(UTC) - timedelta(days=9)).isoformat()
        room = {"service_id": MEALS, "status": "capacity", "available": 4, "maximum": 10, "unit": "meal"}
        told = [
            said("partner.service_published", "soup", soup | {"programme_class": "general"}),
            said("partner.capacity_reported", "room", room, time=then),
        ]
        assert set(codes(await made.admission.admit(shelter, told))) == {None}
        await linking.addressed(made)
        yield made


def schedule() -> Schedule:
    """Return one whose mail was due two hours ago, longer than the clocks ever move."""
    due = datetime.now(UTC).astimezone(ZoneInfo("America/Chicago")) - timedelta(hours=2)
    return Schedule(due.weekday(), due.time().replace(second=0, microsecond=0))


@asynccontextmanager
async def sender(settings: Settings, behind: timedelta = timedelta(0)) -> AsyncIterator[Weekly]:
    """Give what sends weekly mails, with a clock that is so far behind."""
    post = post_of(settings)
    assert post is not None
    async with sending.opened(settings, post, Mailing()) as made:
        yield Weekly(made, schedule(), lambda: datetime.now(UTC) - behind)


async def drained(work: Weekly) -> None:
    while await work.once():
        pass


async def mailed(settings: Settings, box: Mailbox) -> str:
    """Have this week's mail sent, after a week in which nobody was mailed, and return the path of its link."""
    for behind in (WEEK, timedelta(0)):
        async with sender(settings, behind) as work:
            await drained(work)
    return path(box)


def path(box: Mailbox) -> str:
    body = box.mails[-1].get_body(("plain",))
    assert body is not None
    link = _LINK.search(str(body.get_content()))
    assert link is not None
    return link[1]


async def tapped(browser: httpx.AsyncClient, place: str, page: httpx.Response) -> httpx.Response:
    """Press the page's one button."""
    shown = _SHOWN.search(page.text)
    assert shown is not None, page.text
    return await browser.post(place, data={"csrf": proof(page), "shown": shown[1]})


async def reports(settings: Settings) -> list[dict[str, Any]]:
    """Return what was reported of room through a link, as it stands on the log."""
    all_ = [orjson.loads(each.value or b"{}") for each in await records(settings, INITIATIVES)]
    return [
        each
        for each in all_
        if each["type"].endswith("capacity_reported.v1") and each["data"]["admitted"]["door"] == "link"
    ]


async def ends(settings: Settings) -> Sequence[Any]:
    return sorted(str(each) for each in (await log.spans(settings, ALL)).items())


async def room(parts: Parts, service: str = MEALS) -> dict[str, Any]:
    """Return what the directory says of a service's room."""
    async with doors.partner(parts, CLINIC) as door:
        told = (await door.get("/v1/services")).json()["services"]
    return next(each["capacity"] for each in told if each["id"] == service)


async def test_week_is_mailed_once_to_whoever_has_services_and_an_address(
    settings: Settings, parts: Parts, box: Mailbox
) -> None:
    await linking.addressed(parts, NEWCOMER, "desk@new.example")
    await linking.addressed(parts, CLINIC, "desk@clinic.example")
    # The week in which it begins is left out, and so are two in which nothing ran.
    async with sender(settings, 3 * WEEK) as work:
        await drained(work)
    assert box.mails == []
    async with sender(settings) as one, sender(settings) as two, sender(settings) as three:
        await asyncio.gather(*(drained(each) for each in (one, two, three)))
    async with sender(settings) as later:
        await drained(later)
    mails = {mail["To"]: mail for mail in box.mails}
    assert (len(box.mails), sorted(mails)) == (2, ["desk@new.example", DESK])
    text = str(mails[DESK].get_body(("plain",)).get_content()).replace("\r", "")  # type: ignore[union-attr]
    assert "Help\n  room: 4 of 10 meals, said on " in text
    assert "Soup\n  room: nobody said" in text
    # What is protected is named in no mailbox.
    assert "Beds" not in mails[DESK].as_string()


async def test_without_their_keys_weeks_would_be_mailed_twice(settings: Settings, parts: Parts, box: Mailbox) -> None:
    async with await connect(settings.postgres, application="t", size=1) as pool:
        await pool.execute("alter table keep.weekly_round drop constraint weekly_round_pkey cascade")
        await pool.execute("alter table keep.weekly_mail drop constraint weekly_mail_initiative_week_partner_key")
    async with sender(settings, WEEK) as work:
        await drained(work)
    for _ in range(2):
        async with sender(settings) as work:
            await drained(work)
    assert len(box.mails) == 2


async def test_process_that_died_while_sending_leaves_the_mail_to_the_next(
    settings: Settings, parts: Parts, box: Mailbox
) -> None:
    async with sender(settings, WEEK) as work:
        await drained(work)
    async with sender(settings) as work:
        box.refusal = "451 try again later"
        await drained(work)
        # It was claimed and its attempt written down, and then nothing was heard of it any more.
        await people.rows(settings, "update keep.weekly_mail set due = now() returning mail")
        await people.rows(settings, "update keep.weekly_link set ended = null, outcome = null returning mail")
        box.refusal = None
        await drained(work)
        await drained(work)
    assert len(box.mails) == 1
    tried = await people.rows(settings, "select attempt, outcome from keep.weekly_link order by attempt")
    assert [tuple(each) for each in tried] == [(1, None), (2, "sent")]


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
        assert (await room(parts))["status"] == "no-capacity"
        assert (await tapped(browser, place, answer)).status_code == 303
        assert "Thank you" in (await browser.get(place)).text
    assert (await room(parts))["age_hours"] == 0
    assert len(await reports(settings)) == 2


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


async def test_partner_that_leaves_between_is_mailed_no_more(settings: Settings, parts: Parts, box: Mailbox) -> None:
    async with sender(settings, WEEK) as work:
        await drained(work)
    box.refusal = "451 try again later"
    async with sender(settings) as work:
        await drained(work)
    box.refusal = None
    await people.rows(settings, "update keep.weekly_mail set due = now() returning mail")
    await Addresses(parts.keep).forget(INITIATIVE, SHELTER)
    async with sender(settings) as work:
        await drained(work)
    assert box.mails == []
    [mail] = await people.rows(settings, "select given_up is not null as over from keep.weekly_mail")
    assert mail["over"]
