"""Mails about offers that arrived: at once, once, and without a word of what it is about."""

import asyncio
import re
from datetime import timedelta

import httpx
import pytest
from structlog.testing import capture_logs

from projections.store.pool import Connection
from services.admission.directory import UnknownOnLog
from services.gateway.links.addresses import Addresses
from services.gateway.parts import Parts
from services.notifications import outbox as sending
from services.notifications import posting as module
from services.notifications.outbox import Outbox, Ready
from services.notifications.posting import Posting
from services.runtime.random import fresh
from services.runtime.settings import Settings
from tests.support import linking, people, reading
from tests.support.admitting import CLINIC, SHELTER, codes, registrar, said
from tests.support.ahead import foretold
from tests.support.canary import Search
from tests.support.events import INITIATIVE, ident
from tests.support.linking import DESK
from tests.support.mailbox import Mailbox
from tests.support.people import proof
from tests.support.posted import drained, kept, notifying, outboxed, plain
from tests.support.reading import tell
from tests.support.wait import until

_LINK = re.compile(r"https://door\.example(/l/[A-Za-z0-9_-]{43})\s")
_CODE = re.compile(r"Your code is ([0-9]{4}) ([0-9]{4})")


async def test_offer_is_mailed_at_once_and_answered_through_the_mail(
    settings: Settings, clinic: httpx.AsyncClient, browser: httpx.AsyncClient, box: Mailbox
) -> None:
    async with notifying(settings):
        await linking.offered(clinic)
        await until(lambda: bool(box.kept))
        [mail] = box.mails
        assert (mail["To"], mail["Subject"]) == (DESK, "Something is waiting for you")
        found = _LINK.search(plain(box))
        assert found is not None
        page = await browser.get(found[1])
        await browser.post(found[1], data={"csrf": proof(page)})
        await until(lambda: len(box.kept) == 2)
        code = _CODE.search(plain(box))
        assert code is not None
        typed = {"csrf": proof(await browser.get(found[1])), "code": code[1] + code[2]}
        assert (await browser.post(f"{found[1]}/code", data=typed)).status_code == 303
        assert "A bed for tonight" in (await browser.get("/offer")).text
    [row] = await kept(settings, "select attempts, sent is not null as sent, given_up from keep.outbox")
    assert row == {"attempts": 1, "sent": True, "given_up": None}
    [tried] = await kept(settings, "select attempt, outcome, link is not null as link from keep.delivery")
    assert tried == {"attempt": 1, "outcome": "sent", "link": True}


async def test_mail_says_nothing_of_what_it_is_about(
    settings: Settings, clinic: httpx.AsyncClient, box: Mailbox
) -> None:
    async with notifying(settings):
        referral, offer = await linking.offered(clinic)
        await linking.offered(clinic, "2", service_id=ident("beds"))
        await until(lambda: len(box.kept) == 2)
    search = Search((reading.NAME,))
    for raw, mail in zip(box.kept, box.mails, strict=True):
        assert search.text("mail", raw) == set()
        text = "".join(part.get_content() for part in mail.walk() if part.get_content_maintype() == "text")
        told = f"{mail['Subject']}{text}".lower()
        words = (CLINIC, SHELTER, "bed", "need", "refer", "offer", "client", "person", referral, offer, INITIATIVE)
        assert [word for word in words if word in told] == []
    texts = [plain(box, 0), plain(box, 1)]
    assert sum("/l/" in text for text in texts) == 1
    assert sum("/work" in text for text in texts) == 1


async def test_partner_without_an_address_and_offers_from_before_get_no_mail(
    settings: Settings, clinic: httpx.AsyncClient, parts: Parts, box: Mailbox
) -> None:
    await Addresses(parts.keep).forget(INITIATIVE, SHELTER)
    async with notifying(settings), outboxed(settings) as outbox:
        await linking.offered(clinic)
        await until(lambda: _read(settings))
        await linking.addressed(parts)
        await linking.offered(clinic, "2")
        await until(lambda: bool(box.kept))
        await until(lambda: _out(outbox))
    assert len(box.kept) == 1


async def _sent(settings: Settings) -> bool:
    return bool(await kept(settings, "select mail from keep.outbox where sent is not null"))


async def _out(outbox: Outbox) -> bool:
    return await outbox.waiting() == 0


async def _read(settings: Settings) -> bool:
    query = "select sum(next_offset) as read from keep.mailed where partition >= 0"
    [row] = await kept(settings, query)
    [end] = await kept(settings, "select sum(next_offset) as folded from api_communication.position")
    return bool(row["read"]) and row["read"] == end["folded"]


async def _heard(door: httpx.AsyncClient, kind: str) -> bool:
    """Say whether the partner's feed tells of something of this kind."""
    return kind in [each["kind"] for each in (await door.get("/v1/feed")).json()["entries"]]


async def test_restart_goes_on_where_it_was_and_mails_nothing_twice(
    settings: Settings, clinic: httpx.AsyncClient, box: Mailbox
) -> None:
    async with notifying(settings):
        await linking.offered(clinic)
        await until(lambda: bool(box.kept))
    await linking.offered(clinic, "2")
    async with notifying(settings):
        await until(lambda: len(box.kept) == 2)
        await until(lambda: _read(settings))
    assert len({mail["Message-ID"] for mail in box.mails}) == 2


async def test_feeds_go_on_while_mails_wait_for_a_newer_build(
    settings: Settings, clinic: httpx.AsyncClient, box: Mailbox
) -> None:
    """Whom a mail may go to is read off the log of initiatives, which holds what this build cannot read."""
    async with notifying(settings) as process:
        await linking.offered(clinic)
        await until(lambda: bool(box.kept))
        await foretold(settings)
        await _waits_for_newer()
        await people.rows(settings, "update keep.outbox set sent = null, due = now() returning mail")
        await _waits_for_newer()
        assert process.health().ready
    assert len(box.kept) == 1


async def _waits_for_newer() -> None:
    """Wait until a step came to nothing as the log holds something newer."""
    with capture_logs() as told:
        await until(lambda: any(each.get("code") == UnknownOnLog.code for each in told))


async def test_crash_between_claim_and_sending_loses_nothing(
    settings: Settings, clinic: httpx.AsyncClient, box: Mailbox
) -> None:
    async with notifying(settings):
        await linking.offered(clinic)
        await until(lambda: _sent(settings))
    await people.rows(settings, "update keep.outbox set sent = null, due = now(), attempts = 0 returning mail")
    await people.rows(settings, "delete from keep.delivery returning mail")
    async with outboxed(settings) as outbox:
        died = await outbox.claim(timedelta(0))
        assert died is not None
        assert await outbox.prepare(died) is not None
        await drained(outbox, settings)
    assert [mail["Message-ID"] for mail in box.mails] == [box.mails[0]["Message-ID"]] * 2
    tried = await kept(settings, "select attempt, outcome from keep.delivery order by attempt")
    assert tried == [{"attempt": 1, "outcome": None}, {"attempt": 2, "outcome": "sent"}]


async def test_two_senders_send_each_mail_once(settings: Settings, clinic: httpx.AsyncClient, box: Mailbox) -> None:
    async with notifying(settings):
        await linking.offered(clinic)
        await until(lambda: bool(box.kept))
    copies = (
        "insert into keep.outbox (initiative, partner, kind, event, referral, offer, protected)"
        " select initiative, partner, kind, gen_random_uuid(), referral, offer, protected"
        " from keep.outbox cross join generate_series(1, 20) returning mail"
    )
    assert len(await people.rows(settings, copies)) == 20
    async with outboxed(settings) as outbox:
        await asyncio.gather(*(drained(outbox, settings) for _ in range(4)))
    names = [mail["Message-ID"] for mail in box.mails]
    assert len(names) == len(set(names)) == 21


async def test_server_that_refuses_is_asked_again_and_then_no_more(
    settings: Settings, clinic: httpx.AsyncClient, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAUSE", timedelta(0))
    box.refusal = f"550 {DESK} is nobody"
    async with notifying(settings) as process:
        await linking.offered(clinic)
        await until(lambda: b'outcome="gave-up"} 1.0' in process.telemetry.text())
        assert b'outcome="failed"} 7.0' in process.telemetry.text()
    tried = await kept(settings, "select outcome from keep.delivery order by attempt")
    assert [each["outcome"] for each in tried] == ["SMTPDataError"] * module.MOST
    [row] = await kept(settings, "select sent, given_up is not null as over, attempts from keep.outbox")
    assert row == {"sent": None, "over": True, "attempts": module.MOST}


async def test_server_that_was_away_gets_it_later(
    settings: Settings, clinic: httpx.AsyncClient, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAUSE", timedelta(milliseconds=200))
    box.refusal = "451 try again later"
    async with notifying(settings) as process:
        await linking.offered(clinic)
        await until(lambda: b'outcome="failed"} 1.0' in process.telemetry.text())
        box.refusal = None
        await until(lambda: bool(box.kept))


async def test_offer_that_was_answered_meanwhile_is_not_mailed(
    settings: Settings, clinic: httpx.AsyncClient, parts: Parts, box: Mailbox
) -> None:
    async with notifying(settings):
        referral, offer = await linking.offered(clinic)
        await until(lambda: bool(box.kept))
        async with reading.partner(parts, SHELTER) as door:
            await tell(door, said("referral.offer_accepted", "a", {"offer_id": offer}, subject=referral))
        # The mails' own read model is another one than what the acceptance was waited for in.
        await until(lambda: _heard(clinic, "offer-accepted"))
    again = "update keep.outbox set sent = null, due = now() returning mail"
    await people.rows(settings, again)
    async with outboxed(settings) as outbox:
        await drained(outbox, settings)
        assert await outbox.waiting() == 0
    assert len(box.kept) == 1


async def test_nothing_that_opens_a_link_is_kept(settings: Settings, clinic: httpx.AsyncClient, box: Mailbox) -> None:
    async with notifying(settings):
        await linking.offered(clinic)
        await until(lambda: bool(box.kept))
    found = _LINK.search(plain(box))
    assert found is not None
    secret = found[1].removeprefix("/l/")
    for table in ("outbox", "delivery", "given_link", "mailed"):
        rows = await people.rows(settings, f"select t::text from keep.{table} t")  # noqa: S608
        assert secret not in "".join(row[0] for row in rows)


async def _again(settings: Settings, box: Mailbox) -> str:
    """Have what went out go out once more, as a reminder does; return the text of the mail that came."""
    await people.rows(settings, "update keep.outbox set sent = null, given_up = null, due = now() returning mail")
    async with outboxed(settings) as outbox:
        await drained(outbox, settings)
    return plain(box)


async def _withdrawn(door: httpx.AsyncClient) -> None:
    """Take back each link in force."""
    for each in (await door.get("/v1/links")).json()["links"]:
        await door.delete(f"/v1/links/{each['link']}")


async def _always(_: Connection, ready: Ready) -> Ready:
    return ready._replace(secret=fresh())


async def test_link_that_was_taken_back_does_not_come_back_until_somebody_gives_another(
    clinic: httpx.AsyncClient, parts: Parts, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = parts.settings
    async with notifying(settings):
        referral, offer = await linking.offered(clinic)
        await until(lambda: _sent(settings))
    assert _LINK.search(await _again(settings, box))
    async with reading.partner(parts, SHELTER) as shelter:
        for door in (shelter, clinic):
            await _withdrawn(door)
            text = await _again(settings, box)
            assert (_LINK.search(text), "/work" in text, "was taken back" in text) == (None, True, True)
            await linking.linked(clinic, referral, offer)
            assert _LINK.search(await _again(settings, box))
    await _withdrawn(clinic)
    # Another address takes back what went to the one before, and gives nothing that the clinic took back.
    await linking.addressed(parts, SHELTER, "night@shelter.example")
    assert _LINK.search(await _again(settings, box)) is None
    # A control: without the question it would come.
    monkeypatch.setattr(sending, "_leading", _always)
    assert _LINK.search(await _again(settings, box))


async def test_link_goes_to_the_address_that_took_the_place_of_another(
    settings: Settings, clinic: httpx.AsyncClient, parts: Parts, box: Mailbox
) -> None:
    async with notifying(settings):
        await linking.offered(clinic)
        await until(lambda: _sent(settings))
    await linking.addressed(parts, SHELTER, "night@shelter.example")
    assert _LINK.search(await _again(settings, box))
    assert box.mails[-1]["To"] == "night@shelter.example"
    assert await Addresses(parts.keep).forget(INITIATIVE, SHELTER)
    await linking.addressed(parts)
    assert _LINK.search(await _again(settings, box))


@pytest.mark.parametrize("how", ["left", "suspended"])
async def test_partner_that_takes_no_part_is_mailed_nothing_until_it_is_reinstated(
    how: str, clinic: httpx.AsyncClient, parts: Parts, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = parts.settings
    async with notifying(settings):
        await linking.offered(clinic)
        await until(lambda: _sent(settings))
    await _told(parts, how)
    await _again(settings, box)
    [row] = await kept(settings, "select sent, given_up is not null as over from keep.outbox")
    assert (len(box.kept), row) == (1, {"sent": None, "over": True})
    with monkeypatch.context() as patch:
        patch.setattr(Posting, "_takes_part", lambda *_: True)
        await _again(settings, box)
        # A control: it has its mails sent somewhere still.
        assert len(box.kept) == 2
    await _told(parts, "reinstated")
    assert _LINK.search(await _again(settings, box))
    assert len(box.kept) == 3


async def _told(parts: Parts, name: str) -> None:
    row = said(f"partner.{name}", name, {}, subject=SHELTER)
    assert codes(await parts.admission.admit(registrar, [row])) == [None]
