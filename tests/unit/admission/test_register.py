"""The register as folds judge the log, made again from records alone."""

from datetime import timedelta

from events.catalogue import Event
from projections.referral import REFERRAL
from services.admission.context import Held
from services.admission.register import Rebuild
from tests.support import events
from tests.support.events import CLIENT, INITIATIVE, NOON, RECIPIENT, SENDER, Told, ident, line, partner
from tests.support.folding import folded

SECOND = timedelta(seconds=1)
SUBJECT = (INITIATIVE, events.REFERRAL)


async def made(*said: Event) -> dict[tuple[str, str], Held]:
    """Return the register of these events, each recorded a second before the one in front of it."""
    rebuild = Rebuild()
    lines = [line(event, offset, NOON - offset * SECOND) for offset, event in enumerate(said)]
    await folded(rebuild.store(), lines, 2, REFERRAL)
    return rebuild.rows


async def test_who_opened_it_and_who_was_asked_take_part() -> None:
    told = Told()
    opened = [told(name) for name in ("client.registered", "consent.granted", "referral.requested")]
    rows = await made(*opened, told("referral.offer_sent"))
    assert rows == {SUBJECT: Held(CLIENT, SENDER, {RECIPIENT}, published=True)}


async def test_the_first_opening_counts_though_the_brokers_clock_stepped_back() -> None:
    first, second = (Told(client=ident(name), sender=name) for name in ("clinic", "shelter"))
    opened = [told(name) for told in (first, second) for name in ("client.registered", "referral.requested")]
    assert (await made(*opened))[SUBJECT] == Held(ident("clinic"), "clinic", set(), published=True)


async def test_what_a_fold_refuses_opens_nothing() -> None:
    told = Told()
    assert await made(told("referral.requested"), told("client.registered")) == {}
    by_stranger = told("referral.requested", source=partner("stranger"))
    assert (await made(told("client.registered"), by_stranger, told("referral.requested")))[SUBJECT].opener == SENDER


async def test_a_refused_offer_lets_nobody_in() -> None:
    told = Told()
    opened = [told("client.registered"), told("referral.requested"), told("referral.offer_sent")]
    assert (await made(*opened))[SUBJECT].participants == set()
