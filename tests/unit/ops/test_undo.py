"""Which events take a batch back, by how far things have come since."""

from collections.abc import Iterable
from typing import Any, cast

import pytest

from events.catalogue import CaseEvent, Event
from projections.referral import REFERRAL
from services.ops.undo.plan import Batch, Left, Taken, batches, undone
from tests.support.events import CLIENT, CONSENT, OFFER, Told, ident
from tests.support.events import REFERRAL as NEED
from tests.support.story import History

MISTAKE = {"offer_id": OFFER, "reason": "sent-by-mistake"}


def cut(events: Iterable[Event]) -> list[Batch]:
    return batches(cast(Iterable[CaseEvent], events))


def taken(batch: list[Event], *before: Event, since: tuple[Event, ...] = ()) -> list[tuple[str, dict[str, Any]] | str]:
    """Return what takes the batch back after all of this was folded, and what is left to a person."""
    then = History(REFERRAL).given(*before, *batch, *since)
    states = {key.id: state for key, state in then.states.items()}
    steps = [step for each in cut(batch) for step in undone(each, states.get(each.subject))]
    return [(step.type, dict(step.data)) if isinstance(step, Taken) else step.said for step in steps]


def opening(told: Told) -> list[Event]:
    return [told("client.registered"), told("consent.granted"), told("referral.requested")]


def test_what_nobody_answered_is_recalled_and_the_need_given_up() -> None:
    told = Told()
    batch = [told("referral.requested"), told("referral.offer_sent")]
    assert taken(batch, told("client.registered"), told("consent.granted")) == [
        ("referral.offer_recalled", MISTAKE),
        ("referral.closed", {"disposition": "other"}),
    ]


def test_whoever_took_it_on_is_asked_and_the_need_waits_for_them() -> None:
    told = Told()
    batch = [told("referral.requested"), told("referral.offer_sent")]
    since = (told("referral.offer_accepted"),)
    assert taken(batch, told("client.registered"), told("consent.granted"), since=since) == [
        ("referral.cancel_requested", MISTAKE),
        "referral.requested",
    ]


@pytest.mark.parametrize(
    ("since", "found"),
    [
        (("offer_declined",), []),
        (("offer_accepted", "cancel_requested"), ["referral.offer_sent"]),
        (("offer_accepted", "outcome_recorded"), ["referral.offer_sent"]),
        (("offer_recalled",), []),
    ],
)
def test_what_has_ended_is_left_as_it_is(since: tuple[str, ...], found: list[str]) -> None:
    told = Told()
    later = tuple(told(f"referral.{name}") for name in since)
    assert taken([told("referral.offer_sent")], *opening(told), since=later) == found


def test_a_recipient_takes_its_answer_back() -> None:
    told = Told()
    before = [*opening(told), told("referral.offer_sent")]
    assert taken([told("referral.offer_accepted")], *before) == [
        ("referral.withdrawn", {"offer_id": OFFER, "reason": "other"})
    ]
    corrected = {"offer_id": OFFER, "outcome": "not-delivered", "reason": "other", "because": "wrong-entry"}
    both = [told("referral.offer_accepted"), told("referral.outcome_recorded")]
    assert taken(both, *before) == [("referral.outcome_corrected", corrected)]
    assert taken([told("referral.offer_declined")], *before) == ["referral.offer_declined"]


def test_a_draft_is_thrown_away() -> None:
    told = Told()
    assert taken([told("referral.offer_drafted")], *opening(told)) == [("referral.offer_discarded", MISTAKE)]


def test_a_consent_never_was_and_a_person_stays() -> None:
    told = Told()
    assert taken([told("client.registered"), told("consent.granted")]) == [
        "client.registered",
        ("consent.entered_in_error", {"consent_id": CONSENT, "reason": "other"}),
    ]


def test_an_episode_goes_whole_and_a_part_of_it_by_its_own_id() -> None:
    told = Told(recipient="clinic")
    start = [told("client.registered")]
    assert taken([told("episode.enrolled"), told("episode.service_delivered")], *start) == [
        ("episode.entered_in_error", {"reason": "other"})
    ]
    assert taken([told("episode.service_delivered")], *start, told("episode.enrolled")) == ["episode.service_delivered"]


def test_what_was_refused_needs_nothing() -> None:
    told = Told()
    [batch] = cut([told("referral.offer_sent", subject=ident("no need"))])
    assert undone(batch, None) == []


def test_a_plan_is_legal_from_where_it_was_made() -> None:
    """The control of all of these: what it says is applied by the rules themselves."""
    told = Told()
    batch = [told("referral.requested"), told("referral.offer_sent")]
    then = History(REFERRAL).given(told("client.registered"), told("consent.granted"), *batch)
    states = {key.id: state for key, state in then.states.items()}
    for step in (step for each in cut(batch) for step in undone(each, states[each.subject])):
        assert isinstance(step, Taken)
        then.given(told(step.type, **step.data))
    assert then.row("referral")["loop"] == "closed-not-served"


def test_batches_go_by_subject_in_order() -> None:
    told = Told()
    said = [told("client.registered"), told("referral.requested"), told("consent.granted"), told("referral.offer_sent")]
    assert [(each.subject, len(each.said)) for each in cut(said)] == [(CLIENT, 2), (NEED, 2)]
    assert isinstance(undone(cut(said)[0], None), list)
    assert Left("a", "b", "c") != Left("a", "b", "d")
