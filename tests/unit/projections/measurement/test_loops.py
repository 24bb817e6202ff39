"""The marks that loop figures are counted from: what each event adds, and what a correction takes back."""

from datetime import timedelta
from typing import Any

import pytest

from projections.dump import compared, differences
from projections.measurement import MEASUREMENT
from projections.measurement.loops import LOOP
from projections.memory import MemoryStore
from projections.projection import Row
from tests.support.caselog import log
from tests.support.events import NOON, OFFER, REFERRAL, Told, ident, line, lines, partner
from tests.support.folding import folded
from tests.support.looplog import loop_log

OPENING = ("client.registered", "consent.granted", "referral.requested", "referral.offer_sent")
SERVED = (*OPENING, "referral.offer_accepted", "referral.service_started", "referral.outcome_recorded")


async def rows(*said: str | tuple[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of these events, an hour apart, by column."""
    told, store = Told(), MemoryStore(MEASUREMENT)
    events = []
    for number, each in enumerate(said):
        name, data = (each, {}) if isinstance(each, str) else each
        events.append(told(name, **{"time": NOON + timedelta(hours=number), **data}))
    await folded(store, lines(events, recorded=NOON + timedelta(days=280)), 3, MEASUREMENT)
    return [by_column(row) for _, row in sorted(store.tables["loop"].items())]


def by_column(row: Row) -> dict[str, Any]:
    return dict(zip(LOOP.columns, row, strict=True))


def short(found: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    hours = [row["happened"] and (row["happened"] - NOON) // timedelta(hours=1) for row in found]
    return [(row["mark"], hour, row["value"], row["detail"]) for row, hour in zip(found, hours, strict=True)]


async def test_each_fact_is_a_row_once() -> None:
    found = await rows(*SERVED, "referral.outcome_acknowledged", "referral.outcome_acknowledged")
    assert short(found) == [
        ("sent", 3, None, None),
        ("responded", 4, None, None),
        ("accepted", 4, None, None),
        ("started", 5, None, None),
        ("ended", 6, "served", None),
        ("acknowledged", 7, None, None),
    ]
    assert {(row["referral"], row["offer"], str(row["month"]), str(row["need_month"])) for row in found} == {
        (REFERRAL, OFFER, "2026-03-01", "2026-03-01")
    }
    assert [row["sender"] for row in found] == ["clinic", None, None, None, None, None]
    assert (found[0]["recipient"], found[0]["need"], found[0]["programme_class"]) == ("shelter", "shelter", "general")


async def test_a_correction_takes_the_outcomes_place_and_nobody_has_seen_it() -> None:
    found = await rows(*SERVED, "referral.outcome_acknowledged", "referral.outcome_corrected")
    assert short(found)[-2:] == [("ended", 6, "not-served", "no-show"), ("acknowledged", None, None, None)]
    again = await rows(
        *SERVED, "referral.outcome_acknowledged", "referral.outcome_corrected", "referral.outcome_acknowledged"
    )
    assert short(again)[-1] == ("acknowledged", 9, None, None)


async def test_an_answer_after_the_deadline_takes_the_expiry_back() -> None:
    found = await rows(*OPENING, "referral.offer_expired", "referral.offer_accepted")
    assert short(found)[1:] == [
        ("ended", 4, "expired-no-response", None),
        ("responded", 5, None, None),
        ("accepted", 5, None, None),
        ("ended", None, None, None),
    ]


async def test_what_the_client_says_is_told_with_how_it_was_said() -> None:
    own = {"source": "urn:manyhands:client-link:abc", "need_met": "no"}
    found = await rows(*SERVED, "referral.client_answered", ("referral.client_answered", own))
    assert short(found)[5:] == [
        ("asked", 7, None, None),
        ("answered", 7, "yes", "relayed"),
        ("answered", 8, "no", "own"),
    ]


async def test_before_anybody_answered_the_offer_there_is_nothing_to_ask_of() -> None:
    early = await rows(*OPENING, "referral.client_asked", "referral.client_answered")
    assert [row["mark"] for row in early] == ["sent"]
    found = await rows(*OPENING, "referral.client_answered", "referral.offer_accepted", "referral.client_asked")
    assert short(found)[1:] == [("responded", 5, None, None), ("accepted", 5, None, None), ("asked", 6, None, None)]


async def test_an_offer_to_a_class_has_its_recipient_when_it_is_claimed() -> None:
    found = await rows(
        "client.registered",
        ("consent.granted", {"recipients": {"classes": ["housing"]}, "admitted": {"class_members": ["shelter"]}}),
        "referral.requested",
        (
            "referral.offer_sent",
            {"recipient": None, "to_class": "housing", "admitted": {"class_members": ["shelter"]}},
        ),
        (
            "referral.offer_claimed",
            {
                "service_id": ident("beds"),
                "admitted": {"recipient_classes": ["housing"], "programme_class": "general", "protected": False},
            },
        ),
    )
    assert [row["mark"] for row in found] == ["sent", "claimed", "responded", "accepted"]
    assert [(row["recipient"], row["service"]) for row in found[:2]] == [
        (None, ident("service")),
        ("shelter", ident("beds")),
    ]


async def test_a_need_is_given_up_and_taken_up_again() -> None:
    second = {"offer_id": ident("second"), "replaces": OFFER, "time": NOON + timedelta(days=40)}
    found = await rows(*OPENING, "referral.offer_declined", "referral.closed", ("referral.offer_sent", second))
    assert [(row["mark"], row["happened"] is None) for row in found[2:]] == [
        ("ended", False),
        ("given-up", False),
        ("sent", False),
        ("replaced", False),
        ("given-up", True),
    ]
    assert (found[4]["month"].month, found[4]["need_month"].month) == (4, 3)


async def test_an_offer_is_replaced_until_the_one_in_its_place_was_an_error() -> None:
    second = {"offer_id": ident("second"), "replaces": OFFER}
    error = ("referral.entered_in_error", {"offer_id": ident("second")})
    found = await rows(*OPENING, "referral.offer_declined", ("referral.offer_sent", second), error)
    marks = [(row["offer"], row["happened"]) for row in found if row["mark"] == "replaced"]
    assert marks == [(OFFER, NOON + timedelta(hours=5)), (OFFER, None)]


async def test_hand_offs_stand_apart() -> None:
    found = await rows("client.registered", "referral.handoff_reported", "referral.outcome_reported_by_sender")
    assert short(found) == [("handed-off", 1, "phone", None), ("heard-outside", 2, "delivered", None)]
    assert (found[0]["sender"], found[0]["recipient"], found[0]["protected"]) == ("clinic", None, False)


async def test_an_erasure_ends_what_is_open_and_is_told_once_of_the_person() -> None:
    found = await rows(*OPENING, "client.erased", "client.erased")
    assert short(found)[1:] == [("erased", 4, None, None), ("ended", 4, "client-erased", None)] or short(found)[1:] == [
        ("ended", 4, "client-erased", None),
        ("erased", 4, None, None),
    ]


async def test_a_need_that_was_not_sent_and_an_event_that_is_refused_say_nothing() -> None:
    assert await rows("client.registered", "referral.requested", "referral.closed") == []
    stranger = ("referral.offer_accepted", {"source": partner("stranger")})
    assert [row["mark"] for row in await rows(*OPENING, stranger)] == ["sent"]


@pytest.mark.parametrize("seed", range(3))
async def test_any_cut_into_batches_gives_the_same_rows(seed: int) -> None:
    for records in (log(seed, 12), [line(event, at) for at, event in enumerate(loop_log(seed, 12))]):
        whole = MemoryStore(MEASUREMENT)
        await folded(whole, records, len(records), MEASUREMENT)
        assert len(whole.tables["loop"]) > 20
        for size, cache in ((1, 50_000), (7, 3), (20, 0)):
            store = MemoryStore(MEASUREMENT)
            await folded(store, records, size, MEASUREMENT, cache)
            assert differences(*await compared(whole, store, MEASUREMENT)) == []
        assert not whole.parked


async def test_an_event_makes_few_rows_however_long_the_history_is() -> None:
    records = [line(event, at) for at, event in enumerate(loop_log(4, 200))]
    store = MemoryStore(MEASUREMENT)
    await folded(store, records, 500, MEASUREMENT)
    by_event: dict[tuple[Any, ...], int] = {}
    for row in store.tables["loop"]:
        by_event[row[:3]] = by_event.get(row[:3], 0) + 1
    assert max(by_event.values()) <= 10
    assert len(store.tables["loop"]) < 2 * len(records)
