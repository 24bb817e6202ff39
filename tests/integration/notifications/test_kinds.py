"""Which things are mailed to whom: those that somebody has to act on, and answers to whoever asked."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest

from projections.communication.notes import Kind
from services.gateway.parts import Parts
from services.notifications.letter import LETTERS
from services.referral.timekeeper.app import parts as timekeeping
from services.referral.timekeeper.keeper import Timekeeper
from services.referral.timekeeper.telemetry import Telemetry
from services.runtime.settings import Settings
from tests.support import classes, linking, reading
from tests.support.admitting import CLINIC, SHELTER, registrar, said
from tests.support.canary import Search
from tests.support.linking import DESK
from tests.support.mailbox import Mailbox
from tests.support.posted import drained, kept, notifying, outboxed, plain
from tests.support.reading import agreed, answered, referred, revoked, sent, tell
from tests.support.wait import until

ASKS, MEMBER = "desk@clinic.example", "desk@pantry.example"
LINKED = {kind for kind, said in LETTERS.items() if said.link}


@pytest.fixture
async def shelter(parts: Parts) -> AsyncIterator[httpx.AsyncClient]:
    """The shelter's system; whoever asks it has its mails sent somewhere too."""
    await linking.addressed(parts, CLINIC, ASKS)
    async with reading.partner(parts, SHELTER) as made:
        yield made


async def came(box: Mailbox, *wanted: tuple[str, Kind]) -> None:
    """Wait for so many mails, see that they are these, and forget them."""
    await until(lambda: len(box.kept) >= len(wanted))
    found = [(str(mail["To"]), mail["Subject"], plain(box, each)) for each, mail in enumerate(box.mails)]
    lines = sorted((to, subject, text.splitlines()[0]) for to, subject, text in found)
    assert lines == sorted((to, LETTERS[kind].subject, LETTERS[kind].line) for to, kind in wanted)
    links = sorted(to for to, _, text in found if "/l/" in text)
    assert links == sorted(to for to, kind in wanted if kind in LINKED)
    search = Search((reading.NAME,))
    assert [search.text("mail", raw) for raw in box.kept] == [set()] * len(wanted)
    box.kept.clear()


async def test_both_sides_are_mailed_what_becomes_of_an_offer(
    settings: Settings, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, box: Mailbox
) -> None:
    served: dict[str, Any] = {"outcome": "delivered", "outputs": [{"kind": "goods"}]}
    async with notifying(settings):
        for own in ("1", "2", "3", "4"):
            await agreed(clinic, own)
        first = await referred(clinic, "1")
        await came(box, (DESK, "offer-arrived"))
        await tell(shelter, answered("offer_accepted", "1", first))
        await came(box, (ASKS, "offer-accepted"))
        await tell(clinic, answered("cancel_requested", "1", first, reason="need-changed"))
        await came(box, (DESK, "cancel-requested"))
        await tell(shelter, answered("outcome_recorded", "1", first, **served))
        await came(box, (ASKS, "offer-served"))
        second = await referred(clinic, "2")
        await came(box, (DESK, "offer-arrived"))
        await tell(shelter, answered("offer_declined", "2", second, reason="no-capacity"))
        await came(box, (ASKS, "offer-declined"))
        third = await referred(clinic, "3")
        await came(box, (DESK, "offer-arrived"))
        await tell(clinic, answered("offer_recalled", "3", third, reason="duplicate"))
        await came(box, (DESK, "offer-recalled"))
        await referred(clinic, "4")
        await came(box, (DESK, "offer-arrived"))
        await tell(clinic, revoked("4"))
        await came(box, (DESK, "offer-cancelled"), (ASKS, "offer-cancelled"))
    [row] = await kept(settings, "select count(*) as mails, count(sent) as sent from keep.outbox")
    assert row["mails"] == row["sent"] == 11


async def _long_ago(door: httpx.AsyncClient, own: str, sent_at: datetime, respond_by: datetime) -> str:
    """Make an offer at that time, and return the referral."""
    await agreed(door, own)
    need = {"need": {"taxonomy": "manyhands", "code": "shelter"}, "urgency": "soon"}
    opened = said("referral.requested", f"r {own}", need, subject=f"own:r {own}", client=f"own:{own}")
    for row in (opened, sent(own, respond_by=respond_by.isoformat())):
        told = await tell(door, at(sent_at, row))
    return str(told["subject"])


def at(when: datetime, row: bytes) -> bytes:
    """Return the row as of that time."""
    return orjson.dumps(orjson.loads(row) | {"time": when.isoformat()})


async def test_what_the_clock_says_is_mailed_while_it_is_so(
    settings: Settings, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, parts: Parts, box: Mailbox
) -> None:
    now = datetime.now(UTC)
    async with notifying(settings):
        await _long_ago(clinic, "open", now - timedelta(days=9), now + timedelta(days=4))
        await came(box, (DESK, "offer-arrived"))
        await _long_ago(clinic, "over", now - timedelta(days=9), now - timedelta(hours=1))
        async with timekeeping(settings, Telemetry()) as found:
            keeper = Timekeeper(found)
            await until(lambda: _all_said(settings, keeper))
        await came(box, (DESK, "reminder"), (ASKS, "no-answer-yet"), (ASKS, "offer-expired"))
        await until(lambda: _none_waits(settings))
    assert box.kept == []


async def test_whoever_is_gone_is_mailed_nothing_and_whoever_it_asked_is(
    settings: Settings, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, parts: Parts, box: Mailbox
) -> None:
    served: dict[str, Any] = {"outcome": "delivered", "outputs": [{"kind": "goods"}]}
    async with notifying(settings):
        for own in ("1", "2"):
            await agreed(clinic, own)
            taken = await referred(clinic, own)
            await came(box, (DESK, "offer-arrived"))
        await tell(shelter, answered("offer_accepted", "2", taken))
        await came(box, (ASKS, "offer-accepted"))
    gone = said("partner.suspended", "gone", {}, subject=CLINIC)
    assert [each.problem for each in await parts.admission.admit(registrar, [gone])] == [None]
    async with timekeeping(settings, Telemetry()) as found:
        await until(lambda: _all_folded(settings))
        await Timekeeper(found).look(datetime.now(UTC))
    async with notifying(settings):
        await came(box, (DESK, "offer-recalled"))
        # What was taken on goes on, and its outcome waits in the feed for whoever asked.
        await tell(shelter, answered("outcome_recorded", "2", taken, **served))
        await until(lambda: _overtaken(settings, 2))
    assert box.kept == []


async def _overtaken(settings: Settings, count: int) -> bool:
    [row] = await kept(
        settings, "select count(*) as n from keep.outbox where given_up is not null and partner = 'clinic'"
    )
    return bool(row["n"] == count)


async def _all_folded(settings: Settings) -> bool:
    """Say whether it stands in the read model that one of the two offers was taken on."""
    [row] = await kept(settings, "select count(*) as n from api_referral.deadline where sender is not null")
    return bool(row["n"] == 1)


async def test_what_was_promised_and_has_not_begun_is_mailed_until_it_has(
    settings: Settings, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, parts: Parts, box: Mailbox
) -> None:
    month_ago = datetime.now(UTC) - timedelta(days=30)
    async with notifying(settings):
        for own in ("late", "begun"):
            referral = await _long_ago(clinic, own, month_ago, datetime.now(UTC) - timedelta(days=20))
            await tell(shelter, at(month_ago, answered("offer_accepted", own, referral)))
            await came(box, (ASKS, "offer-accepted"))
        await tell(shelter, answered("service_started", "begun", referral))
        async with timekeeping(settings, Telemetry()) as found:
            keeper = Timekeeper(found)
            await until(lambda: _all_said(settings, keeper))
        # The second time beside its sender.
        await came(box, (DESK, "reminder"), (DESK, "reminder"), (ASKS, "not-begun-yet"))
        await until(lambda: _none_waits(settings))
    assert box.kept == []


async def _all_said(settings: Settings, keeper: Timekeeper) -> bool:
    await keeper.look(datetime.now(UTC))
    [row] = await kept(settings, "select count(*) as due from api_referral.deadline where due < now()")
    return bool(row["due"] == 0)


async def _none_waits(settings: Settings) -> bool:
    query = "select count(*) as waits from keep.outbox where sent is null and given_up is null"
    [row] = await kept(settings, query)
    return bool(row["waits"] == 0)


async def test_one_of_a_class_is_mailed_and_whoever_asked_when_it_is_claimed(
    settings: Settings, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, parts: Parts, box: Mailbox
) -> None:
    await classes.prepared(parts.admission)
    for each in classes.MEMBERS:
        await linking.addressed(parts, each, MEMBER.replace("pantry", each))
    async with notifying(settings), reading.partner(parts, classes.PANTRY) as pantry:
        await classes.agreed(clinic, "1")
        referral = await classes.opened(clinic, "1")
        await came(box, (MEMBER, "offer-open-to-class"), ("desk@kitchen.example", "offer-open-to-class"))
        await tell(pantry, classes.claim(classes.PANTRY, "1", referral))
        await came(box, (ASKS, "offer-claimed"))


async def _many(settings: Settings, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, box: Mailbox) -> None:
    """Leave three answers to be mailed to whoever asked."""
    async with notifying(settings):
        await agreed(clinic, "1")
        await tell(shelter, answered("offer_declined", "1", await referred(clinic, "1"), reason="no-capacity"))
        await until(lambda: any(mail["To"] == ASKS for mail in box.mails))
        await until(lambda: _none_waits(settings))
    copies = (
        "insert into keep.outbox (initiative, partner, kind, event, referral, offer, protected)"
        " select initiative, partner, kind, gen_random_uuid(), referral, offer, protected"
        " from keep.outbox cross join generate_series(1, 3) where kind = 'offer-declined' returning mail"
    )
    assert len(await kept(settings, copies)) == 3
    box.kept.clear()


async def test_what_is_worded_alike_goes_as_one_mail(
    settings: Settings, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, box: Mailbox
) -> None:
    await _many(settings, clinic, shelter, box)
    async with outboxed(settings) as outbox:
        await drained(outbox, settings)
    await came(box, (ASKS, "offer-declined"))


async def test_without_that_each_goes_by_itself(
    settings: Settings,
    clinic: httpx.AsyncClient,
    shelter: httpx.AsyncClient,
    box: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Negative control: a kind that carries a link is not told by another mail's."""
    await _many(settings, clinic, shelter, box)
    alone: Any = {**LETTERS, "offer-declined": LETTERS["offer-declined"]._replace(link=True)}
    monkeypatch.setattr("services.notifications.outbox.LETTERS", alone)
    async with outboxed(settings) as outbox:
        await drained(outbox, settings)
    each: tuple[str, Kind] = (ASKS, "offer-declined")
    await came(box, each, each, each)
