"""What a view or a store cannot take: views park on their aggregate, and a row of the aggregate itself is a fault."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from projections.batch import RowRefused, Waiting
from projections.memory import MemoryStore
from projections.projection import Entry, Key, Row
from projections.timeline import Timeline
from tests.support.events import CLIENT, INITIATIVE, OFFER, REFERRAL, Told, ident, lines
from tests.support.folding import folded
from tests.support.toy import FAILING, TOY, UNSTORABLE, Tally, Toy

REFERRAL_KEY = Key("referral", INITIATIVE, CLIENT, REFERRAL)
FAILS, UNFIT = (mark + OFFER[4:] for mark in (FAILING, UNSTORABLE))


@pytest.mark.parametrize("size", [1, 2, 9])
@pytest.mark.parametrize("bad", [FAILS, UNFIT])
async def test_a_failing_view_parks_its_aggregate_in_order_while_all_else_goes_on(bad: str, size: int) -> None:
    told, store = Told(), MemoryStore(TOY)
    elsewhere = ident("another referral")
    events = [
        told("referral.requested"),
        told("referral.offer_accepted", offer_id=bad),
        told("referral.service_started", offer_id=OFFER),
        told("referral.offer_accepted", subject=elsewhere),
        told("referral.outcome_recorded", offer_id=OFFER),
    ]
    await folded(store, lines(events), size)
    assert [(key[1], key[2], entry.error is None) for key, entry in sorted(store.parked.items())] == [
        (1, "latest", False),
        (2, "latest", True),
        (4, "latest", True),
    ]
    assert {entry.waiting for entry in store.parked.values()} == {Waiting("latest", REFERRAL_KEY)}
    assert [row[2] for row in store.tables["latest"].values()] == [elsewhere]
    assert len(store.tables["timeline"]) == len(store.tables["history"]) == 5
    assert (await store.load([REFERRAL_KEY]))[REFERRAL_KEY].count == 4


async def test_a_parked_entry_names_the_failure_and_never_its_data() -> None:
    told, store = Told(), MemoryStore(TOY)
    await folded(store, lines([told("referral.offer_accepted", offer_id=FAILS)]), 1)
    (entry,) = store.parked.values()
    assert (entry.error or "").startswith("ValueError in tests.support.toy.rows, line ")
    assert FAILS not in (entry.error or "")
    assert '"outcome":"applied"' in entry.entry
    assert f'["referral","{INITIATIVE}","{CLIENT}","{REFERRAL}",{{"count":1' in entry.entry


class BadTimeline(Timeline):
    """Fails on every acceptance."""

    def rows(self, entry: Entry) -> Iterable[Row]:
        if "accepted" in entry.event.type:
            raise LookupError
        return super().rows(entry)


class FailingTimeline(Toy):
    """The toy with a timeline that fails."""

    def __init__(self) -> None:
        super().__init__()
        self.views = (BadTimeline("referral", lambda _: None), *self.views[1:])


@pytest.mark.parametrize("size", [1, 3])
async def test_a_parked_event_that_comes_again_is_still_a_duplicate(size: int) -> None:
    told, toy = Told(), FailingTimeline()
    store = MemoryStore(toy)
    event = told("referral.offer_accepted")
    await folded(store, lines([event, event, event]), size, toy)
    (entry,) = store.parked.values()
    assert (entry.offset, store.copies) == (0, {entry.identity: 2})
    assert (await store.load([REFERRAL_KEY]))[REFERRAL_KEY].count == 1


class BadBoard(Toy):
    """Its aggregates' own rows cannot be stored."""

    def __init__(self) -> None:
        super().__init__()

        def row(key: Key, state: Tally) -> Row:
            return (*key[1:], "{}", 1, "\x00", "", False)

        self.kinds = {name: replace(kind, row=row) for name, kind in self.kinds.items()}


async def test_an_aggregates_own_row_that_cannot_be_stored_is_a_fault() -> None:
    told, toy = Told(), BadBoard()
    with pytest.raises(RowRefused) as failure:
        await folded(MemoryStore(toy), lines([told("referral.requested")]), 1, toy)
    assert failure.value.table in toy.kinds
