"""Which words of an event are kept as they were said: all that may stand in clear and no state keeps for good."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, get_args

import pytest

from events.catalogue import CaseEvent, Event
from events.envelope import Body, Envelope
from events.fields import IdOf, Sealed
from events.referral import Event as ReferralEvent
from events.referral import Output
from projections.memory import MemoryStore
from projections.projection import Entry, Row
from projections.referral import REFERRAL
from projections.referral.projection import ReferralProjection
from projections.referral.said import OF_OUTPUT, SAID, WORDS, Said
from projections.ruling import APPLIED, Refused
from tests.support.events import CLIENT, OFFER, SEALED, Told, ident, lines, partner
from tests.support.events import REFERRAL as REFERRAL_ID
from tests.support.folding import folded
from tests.unit.projections.referral.test_board import AT

#: What the board, an offer's own state or the timeline's columns say for good, or what only the fold asks.
ELSEWHERE = {
    "offer_id",
    "admitted",
    "need",
    "area",
    "urgency",
    "programme",
    "recipient",
    "to_class",
    "service_id",
    "purpose",
    "data_classes",
    "respond_by",
    "consent_id",
    "replaces",
    "duplicate_reason",
    "by",
    "deadline",
    "stop_sharing",
}


def _body(event: type[Envelope]) -> type[Body]:
    found: type[Body] = event.model_fields["data"].annotation  # type: ignore[assignment]
    return found


def _is_sealed(field: Any) -> bool:
    return Sealed in (field.annotation, *get_args(field.annotation))


@pytest.mark.parametrize("event", get_args(ReferralEvent))
def test_each_field_of_an_event_is_kept_sealed_or_told_elsewhere(event: type[Envelope]) -> None:
    for name, field in _body(event).model_fields.items():
        kept = name in WORDS.get(event, ())
        assert kept + _is_sealed(field) + (name in ELSEWHERE) == 1, f"{name} of {event.__name__}"


def test_no_id_is_kept_but_those_of_partners() -> None:
    for event, names in WORDS.items():
        for name in names:
            assert "IdOf" not in repr(_body(event).model_fields[name]) or name == "suggested_partners"
    ids = {name for name, field in Output.model_fields.items() if IdOf.__name__ in repr(field)}
    assert (ids, set(OF_OUTPUT)) == ({"enrolment_id"}, set(Output.model_fields) - {"enrolment_id"})


def _rows(event: Event, ruling: Any = APPLIED) -> list[Row]:
    return list(Said().rows(Entry(event, ruling, AT, {})))


def test_an_outcome_is_kept_with_all_that_was_given() -> None:
    outputs = [{"kind": "bed-night", "amount": "3", "unit": "night"}, {"kind": "place", "enrolment_id": ident("place")}]
    event = Told()("referral.outcome_recorded", outputs=outputs, attempts=2, note=SEALED)
    [(*place, words, gone)] = _rows(event)
    assert place == [
        "riverbend",
        CLIENT,
        partner("shelter"),
        event.id,
        REFERRAL_ID,
        OFFER,
        "referral.outcome_recorded",
    ]
    assert (words, gone) == (
        '{"attempts":2,"outcome":"delivered","outputs":[{"amount":"3","kind":"bed-night","unit":"night"},'
        '{"kind":"place"}]}',
        False,
    )


def test_equal_times_are_equal_bytes() -> None:
    told = Told()
    said = [
        told("referral.waitlisted", expected_by=time) for time in ("2026-03-01T07:00:00+02:00", "2026-03-01T05:00:00Z")
    ]
    words = {row[SAID.place("words")] for event in said for row in _rows(event)}
    assert words == {'{"expected_by":"2026-03-01T05:00:00Z"}'}


def test_nothing_is_kept_of_what_was_refused_or_says_nothing_more() -> None:
    told = Told()
    assert _rows(told("referral.offer_accepted")) == []
    assert _rows(told("referral.offer_declined"), Refused("not-your-offer")) == []
    assert len(_rows(told("referral.offer_declined"))) == 1


STORY = (
    "client.registered",
    "consent.granted",
    "referral.requested",
    "referral.offer_sent",
    "referral.offer_accepted",
    "referral.contact_attempted",
    "referral.put_on_hold",
    "referral.resumed",
    "referral.outcome_recorded",
)


def _with(view: Said) -> ReferralProjection:
    """Return the projection with this view in the place of its own."""
    views = tuple(view if isinstance(each, Said) else each for each in REFERRAL.views)
    return type("Changed", (ReferralProjection,), {"views": views})()  # type: ignore[no-any-return]


async def _kept(*names: str, size: int, view: Said) -> dict[str, Any]:
    told, projection = Told(), _with(view)
    store = MemoryStore(projection)
    await folded(store, lines([told(name) for name in names]), size, projection)
    assert not store.parked
    kind, words = SAID.place("type"), SAID.place("words")
    return {row[kind]: row[words] and json.loads(row[words]) for row in store.tables["said"].values()}


@pytest.mark.parametrize("size", [1, 4, 20])
async def test_words_outlive_the_states_that_they_led_to_and_go_with_the_person(size: int) -> None:
    kept = await _kept(*STORY, size=size, view=Said())
    assert kept == {
        "referral.contact_attempted": {"channel": "phone", "result": "no-answer"},
        "referral.put_on_hold": {"reason": "client-away"},
        "referral.outcome_recorded": {"outcome": "delivered", "outputs": [{"kind": "bed-night", "amount": "3"}]},
    }
    gone = await _kept(*STORY, "client.erased", size=size, view=Said())
    assert gone == dict.fromkeys(kept)


class Unerased(Said):
    """Its rows are marked and keep what they say."""

    table = replace(SAID, erasable=())


async def test_words_would_stay_were_they_not_erasable() -> None:
    kept = await _kept(*STORY, "client.erased", size=4, view=Unerased())
    assert all(kept.values())


class Counting(Said):
    """Notes what it is asked of."""

    def __init__(self) -> None:
        self.asked = 0

    def rows(self, entry: Entry) -> Iterable[Row]:
        self.asked += 1
        return super().rows(entry)


class Everything(Counting):
    """Does not say of what it has any."""

    types = frozenset(get_args(CaseEvent))


@pytest.mark.parametrize(("view", "asked"), [(Counting(), 4), (Everything(), len(STORY))])
async def test_only_events_of_its_types_are_asked_for_their_words(view: Counting, asked: int) -> None:
    kept = await _kept(*STORY, size=3, view=view)
    assert (len(kept), view.asked) == (3, asked)
