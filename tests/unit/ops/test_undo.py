"""Which events take a batch back, by how far things have come since."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, cast, get_args

import orjson
import pytest

from events.catalogue import CaseEvent, Event, short, type_of
from projections.referral import REFERRAL
from services.ops.undo.plan import Batch, batches, planned, undone
from services.ops.undo.row import row
from services.ops.undo.step import Left, Step, Taken
from tests.support.events import CLIENT, CONSENT, NOON, OFFER, Told, ident
from tests.support.events import REFERRAL as NEED
from tests.support.scene import NAMING, parsed
from tests.support.story import History

MISTAKE = {"offer_id": OFFER, "reason": "sent-by-mistake"}
ERROR = ("referral.entered_in_error", {"offer_id": OFFER, "reason": "wrong-entry"})


def cut(events: Iterable[Event]) -> list[Batch]:
    return batches(cast(Iterable[CaseEvent], events))


def taken(batch: list[Event], *before: Event, since: tuple[Event, ...] = ()) -> list[tuple[str, dict[str, Any]] | str]:
    """Return what takes the batch back after all of this was folded, and what is left to a person."""
    steps = plan(batch, History(REFERRAL).given(*before, *batch, *since))
    return [(step.type, dict(step.data)) if isinstance(step, Taken) else step.said for step in steps]


def plan(batch: Iterable[Event], then: History) -> list[Step]:
    return planned(cut(batch), {key.id: state for key, state in then.states.items()})


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
        (("offer_declined",), [ERROR]),
        (("offer_accepted", "cancel_requested"), ["referral.offer_sent"]),
        (("offer_accepted", "outcome_recorded"), ["referral.offer_sent"]),
        (("offer_recalled",), [ERROR]),
        (("offer_accepted", "cancel_requested", "cancel_confirmed"), [ERROR]),
        (("offer_accepted", "withdrawn"), ["referral.offer_sent"]),
        (("offer_recalled", "entered_in_error"), []),
    ],
)
def test_what_came_to_nothing_was_an_error_and_what_was_done_stands(since: tuple[str, ...], found: list[Any]) -> None:
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


@pytest.mark.parametrize("mine", [True, False])
def test_a_consent_stays_while_open_offers_rely_on_it(mine: bool) -> None:
    """Its end would end them: one that is only asked to be cancelled, and one of another batch."""
    told = Told()
    first, offers = [told("client.registered"), told("consent.granted")], [told("referral.offer_sent")]
    since = [told("referral.offer_accepted")] if mine else []
    then = History(REFERRAL).given(*first, told("referral.requested"), *offers, *since)
    steps = plan([*first, *offers] if mine else first, then)
    why = "open offers that still rely on it: 1; taken back now, it would end them"
    assert Left(CLIENT, "consent.granted", why) in steps
    assert not [step for step in steps if isinstance(step, Taken) and step.client]


def test_a_consent_goes_after_the_offers_that_this_plan_recalls() -> None:
    told = Told()
    batch = [*opening(told), told("referral.offer_sent")]
    steps = plan(batch, History(REFERRAL).given(*batch))
    assert [step.type for step in steps if isinstance(step, Taken)] == [
        "referral.offer_recalled",
        "referral.closed",
        "consent.entered_in_error",
    ]


@pytest.mark.parametrize("name", [short(type_of(cls)) for cls in get_args(CaseEvent)])
def test_every_type_is_taken_back_or_left_to_a_person(name: str) -> None:
    told = Told()
    before = [*opening(told), told("referral.offer_sent"), told("referral.offer_accepted"), told("episode.enrolled")]
    then = History(REFERRAL).given(*before)
    event = told(name)
    [step] = plan([event], then)
    if isinstance(step, Taken):
        assert step.undoes == event.id
    else:
        assert step.said == name


def test_all_that_a_recipient_said_is_listed_one_by_one() -> None:
    told = Told()
    batch = [told(f"referral.{name}") for name in ("contact_attempted", "contact_attempted", "service_started")]
    before = [*opening(told), told("referral.offer_sent"), told("referral.offer_accepted")]
    assert taken(batch, *before) == [short(each.type) for each in batch]


def said(batch: list[Event], then: History, now: datetime) -> list[dict[str, Any]]:
    states = {key.id: state for key, state in then.states.items()}
    steps = [step for step in planned(cut(batch), states) if isinstance(step, Taken)]
    return [row(step, states[step.subject], now, "import-7", {CLIENT: "own:ada"}) for step in steps]


def digests(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(each["id"], NAMING.digest(parsed(orjson.dumps(each)))) for each in rows]


def test_a_retry_is_a_duplicate() -> None:
    """By id and digest, as a fold knows one; the control is another time under the same id."""
    told = Told()
    batch = [*opening(told), told("referral.offer_sent")]
    then, now = History(REFERRAL).given(*batch), NOON + timedelta(days=40)
    first = said(batch, then, now)
    assert digests(said(batch, then, now + timedelta(hours=1))) == digests(first)
    assert digests([each | {"time": now.isoformat()} for each in first]) != digests(first)
    assert {each["time"] for each in first} == {"2026-04-11T00:00:00+00:00"}


def test_after_a_race_what_fits_now_has_an_id_of_its_own() -> None:
    """What was planned is refused, as the recipient accepted first; the same may be said once it fits again."""
    told = Told()
    batch = [told("referral.requested"), told("referral.offer_sent")]
    then = History(REFERRAL).given(told("client.registered"), told("consent.granted"), *batch)
    first = said(batch, then, NOON)
    then.given(told("referral.offer_accepted"))
    second = said(batch, then, NOON)
    then.given(told("referral.cancel_requested"), told("referral.cancel_confirmed"))
    third = said(batch, then, NOON)
    assert [[each["type"].split(".")[1] for each in rows] for rows in (first, second, third)] == [
        ["offer_recalled", "closed"],
        ["cancel_requested"],
        ["entered_in_error", "closed"],
    ]
    assert len({each["id"] for each in (*first, *second, *third)}) == 5


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
