"""What a referral counts for, and that sums of changes are what the states amount to."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from projections.dump import compared, differences
from projections.measurement import MEASUREMENT
from projections.measurement.counting import MEASURES, Tick, ticks
from projections.measurement.figures import FIGURE, changes
from projections.memory import MemoryStore
from projections.referral.state import Offer, Referral, decode_referral
from tests.support.caselog import log
from tests.support.events import NOON, Told, ident, lines
from tests.support.folding import CASES, folded

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)
LAST_OF_MAY = datetime(2026, 5, 31, 23, 59, 59, tzinfo=UTC)


def offer(name: str, recipient: str = "shelter", sent: datetime = LAST_OF_MAY, closed: datetime | None = None) -> Offer:
    return Offer(
        id=ident(name),
        recipient=recipient,
        service=ident("service"),
        status="completed" if closed else "requested",
        detail="served" if closed else "sent",
        consent=ident("consent"),
        purpose="coordination",
        data_classes=("contact",),
        respond_by=sent + timedelta(days=7),
        sent=sent,
        closed=closed,
    )


def referral(*offers: Offer) -> Referral:
    return Referral(
        sender="clinic",
        taxonomy="open-eligibility",
        need="shelter",
        urgency="soon",
        requested=NOON,
        last=NOON,
        offers=offers,
    )


def test_a_need_that_nobody_was_asked_to_meet_counts_for_nothing() -> None:
    assert ticks(referral()) == set()


def test_months_are_those_of_utc() -> None:
    after = LAST_OF_MAY + timedelta(seconds=1)
    assert ticks(referral(offer("a", closed=after))) == {
        Tick("clinic", MAY, "sent"),
        Tick("shelter", MAY, "received"),
        Tick("shelter", JUNE, "served"),
    }


def test_a_referral_counts_once_for_each_partner_however_many_offers_it_had() -> None:
    later = LAST_OF_MAY + timedelta(days=5)
    found = ticks(referral(offer("a"), offer("b", sent=later), offer("c", "bakery", later), offer("d", closed=later)))
    assert found == {
        Tick("clinic", MAY, "sent"),
        Tick("shelter", MAY, "received"),
        Tick("bakery", JUNE, "received"),
        Tick("shelter", JUNE, "served"),
    }


def test_what_is_corrected_is_taken_from_one_sum_and_added_to_another() -> None:
    first = offer("a", closed=LAST_OF_MAY + timedelta(days=3))
    before = referral(first)
    earlier = referral(replace(first, closed=LAST_OF_MAY))
    assert list(changes(before, earlier)) == [
        (Tick("shelter", MAY, "served"), 1),
        (Tick("shelter", JUNE, "served"), -1),
    ]
    undone = referral(replace(first, status="failed"))
    assert list(changes(before, undone)) == [(Tick("shelter", JUNE, "served"), -1)]
    assert list(changes(before, before)) == []
    assert len(list(changes(None, before))) == 3


def test_an_offer_that_was_entered_in_error_counts_for_nothing() -> None:
    """Negative control: the same offer, of any other end, counts."""
    later = LAST_OF_MAY + timedelta(days=5)
    sent, wrong = offer("a", "bakery"), replace(offer("a", "bakery"), status="entered-in-error", detail="in-error")
    assert ticks(referral(wrong)) == set()
    assert ticks(referral(sent)) == {Tick("clinic", MAY, "sent"), Tick("bakery", MAY, "received")}
    assert ticks(referral(wrong, offer("b", sent=later))) == {
        Tick("clinic", JUNE, "sent"),
        Tick("shelter", JUNE, "received"),
    }
    assert list(changes(referral(sent), referral(wrong))) == [
        (Tick("bakery", MAY, "received"), -1),
        (Tick("clinic", MAY, "sent"), -1),
    ]


async def test_sums_fall_again_when_an_offer_was_entered_in_error() -> None:
    told, store = Told(), MemoryStore(MEASUREMENT)
    names = ("client.registered", "consent.granted", "referral.requested", "referral.offer_sent")
    await folded(store, lines([*map(told, names), told("referral.entered_in_error")]), 2, MEASUREMENT)
    assert store.tables["figure"]
    assert all(set(row[4:]) == {0} for row in store.tables["figure"].values())


@pytest.mark.parametrize("seed", range(3))
async def test_any_cut_into_batches_gives_the_same_sums(seed: int) -> None:
    records = log(seed, 12)
    whole = MemoryStore(MEASUREMENT)
    await folded(whole, records, len(records), MEASUREMENT)
    for size, cache in ((1, 50_000), (7, 50_000), (7, 3), (20, 0)):
        store = MemoryStore(MEASUREMENT)
        await folded(store, records, size, MEASUREMENT, cache)
        assert differences(*await compared(whole, store, MEASUREMENT)) == []
    assert not whole.parked


@pytest.mark.parametrize("size", [1, 7, 5000])
async def test_sums_of_changes_are_what_the_states_amount_to(size: int) -> None:
    store = MemoryStore(MEASUREMENT)
    await folded(store, log(6, 80), size, MEASUREMENT)
    states = [decode_referral(row[3]) for row in store.tables["referral"].values()]
    wanted = Counter(tick for state in states for tick in ticks(state))
    later = Counter(tick for state in states if state.backfilled for tick in ticks(state))
    assert sum(later.values()) > 0
    found: Counter[Tick] = Counter()
    backfilled: Counter[Tick] = Counter()
    for row in store.tables["figure"].values():
        partner, month = row[1:3]
        for place, measure in enumerate(MEASURES, FIGURE.place("sent")):
            found[Tick(partner, month, measure)] += row[place]
            backfilled[Tick(partner, month, measure)] += row[place + len(MEASURES)]
    assert +found == wanted
    assert +backfilled == later


async def test_an_event_told_twice_counts_once_and_a_refused_one_never() -> None:
    told, store = Told(), MemoryStore(MEASUREMENT)
    events = [
        told("client.registered"),
        told("consent.granted"),
        told("referral.requested"),
        told("referral.offer_sent"),
        told("referral.offer_accepted"),
        told("referral.outcome_recorded"),
        told("referral.outcome_recorded"),
    ]
    await folded(store, lines([*events, *events]), 3, MEASUREMENT)
    march = date(2026, 3, 1)
    assert sorted(store.tables["figure"].values()) == [
        ("riverbend", "clinic", march, CASES.number, 1, 0, 0, 0, 0, 0),
        ("riverbend", "shelter", march, CASES.number, 0, 1, 1, 0, 0, 0),
    ]
    assert sum(row[-1] for row in store.tables["timeline"].values()) == len(events)
