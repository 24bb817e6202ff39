"""The projection as a whole: any cut of its log into batches gives the same tables."""

from typing import get_args

import pytest

from events.catalogue import CaseEvent, type_of
from events.codes import CODES, By
from projections.dump import compared, differences
from projections.memory import MemoryStore
from projections.referral import REFERRAL
from projections.referral.board import BOARD
from projections.timeline import TIMELINE
from tests.support.caselog import log
from tests.support.events import Told, ident, lines
from tests.support.folding import folded


def test_every_case_event_has_a_rule() -> None:
    assert REFERRAL.rulebook.types == {type_of(event) for event in get_args(CaseEvent)}


@pytest.mark.parametrize("seed", range(4))
async def test_any_cut_into_batches_gives_the_same_tables(seed: int) -> None:
    records = log(seed, 12)
    whole = MemoryStore(REFERRAL)
    await folded(whole, records, len(records), REFERRAL)
    for size, cache in ((1, 50_000), (7, 50_000), (7, 3), (20, 0)):
        store = MemoryStore(REFERRAL)
        await folded(store, records, size, REFERRAL, cache)
        assert differences(*await compared(whole, store, REFERRAL)) == []
    assert not whole.parked


async def test_a_refusal_is_one_of_a_folds_codes() -> None:
    store = MemoryStore(REFERRAL)
    records = log(9, 60)
    await folded(store, records, len(records), REFERRAL)
    refusal = TIMELINE.place("refusal")
    codes = {row[refusal] for row in store.tables["timeline"].values()} - {None}
    assert len(codes) > 5
    assert {CODES[code].by for code in codes} == {By.FOLD}


@pytest.mark.parametrize("size", [1, 3, 20])
async def test_erasure_closes_what_was_open_though_its_offers_had_ended(size: int) -> None:
    told, store = Told(), MemoryStore(REFERRAL)
    names = ("unsent", "waiting", "declined", "served")
    ids = {name: {"subject": ident(name), "offer_id": ident(f"offer {name}")} for name in names}
    events = [told("client.registered"), told("consent.granted")]
    events += [told("referral.requested", subject=ident(name)) for name in names]
    for name in names[1:]:
        events.append(told("referral.offer_sent", **ids[name], service_id=ident(f"service {name}")))
    events.append(told("referral.offer_declined", **ids["declined"]))
    for last in ("offer_accepted", "service_started", "outcome_recorded"):
        events.append(told(f"referral.{last}", **ids["served"]))
    events.append(told("client.erased"))
    await folded(store, lines(events), size, REFERRAL)
    place = BOARD.place
    rows = {row[place("id")]: (row[place("status")], row[place("loop")]) for row in store.tables["referral"].values()}
    assert [rows[ident(name)] for name in names] == [
        ("draft", "not-opened"),
        ("cancelled", "closed-not-served"),
        ("cancelled", "closed-not-served"),
        ("completed", "closed-served"),
    ]


async def test_erasure_leaves_no_sealed_text_and_marks_every_row() -> None:
    store = MemoryStore(REFERRAL)
    records = log(3, 60)
    await folded(store, records, 7, REFERRAL)
    erased = {row[1] for row in store.tables["client"].values() if row[-1]}
    assert erased
    for name in ("referral", "sealed_text"):
        for row in store.tables[name].values():
            assert row[-1] == (row[1] in erased)
            if name == "sealed_text":
                assert (row[-2] is None) == (row[1] in erased)
