"""Reminders and what is to be done next: as the offer stands, to whoever can do it, and no more once nobody waits."""

from datetime import datetime
from typing import Any

import pytest

from events.catalogue import Event
from projections.communication.notes import NOTES
from projections.communication.told import stage_of
from projections.referral.rules import OPENED
from projections.referral.state import Offer
from projections.referral.transitions import EXPIRED
from tests.support.events import NOON, OFFER, Told, ident
from tests.unit.projections.communication.test_feed import OPENING, asked_of_class, claimed, feed

DUE = datetime.fromisoformat("2026-03-09T12:00:00Z")
DUES = {"admitted": {"remind_at": DUE.isoformat()}}
LOOKED_UP = {"class_members": ["shelter", "pantry"], "protected": False, "remind_at": DUE.isoformat()}


def direct(told: Told) -> list[Event]:
    return [*map(told, OPENING[:-1]), told("referral.offer_sent", **DUES)]


def to_class(told: Told) -> list[Event]:
    """Return what stands on the log once a class was asked that is to be reminded."""
    sent = {"recipient": None, "to_class": "housing", "admitted": LOOKED_UP}
    return [*asked_of_class(told)[:-1], told("referral.offer_sent", **sent)]


async def reminders(events: list[Event], when: datetime = NOON) -> list[tuple[str, str, str]]:
    rows = await feed(events, when=when)
    return [(row["partner"], row["why"], row["next"]) for row in rows if row["kind"] == "reminder"]


async def test_members_are_reminded_of_what_nobody_claimed() -> None:
    told = Told()
    found = await reminders([*to_class(told), told("referral.reminded")], OPENED)
    assert found == [("shelter", "class-member", "claim-offer"), ("pantry", "class-member", "claim-offer")]


async def test_members_whom_the_person_left_out_are_not_reminded() -> None:
    told = Told()
    narrowed = told("consent.narrowed", except_recipients=["pantry"])
    found = await reminders([*to_class(told), narrowed, told("referral.reminded")], OPENED)
    assert found == [("shelter", "class-member", "claim-offer")]


async def test_once_it_is_claimed_the_claimer_alone_is_reminded() -> None:
    told = Told()
    claim = claimed(told, "shelter", "housing").model_copy()
    claim = claim.model_copy(update={"data": claim.data.model_copy(update={"expected_by": DUE})})
    found = await reminders([*to_class(told), claim, told("referral.reminded")], OPENED)
    assert found == [("shelter", "recipient", "begin-service")]


@pytest.mark.parametrize(
    ("between", "step"),
    [
        ((), "answer-offer"),
        (("offer_viewed",), "answer-offer"),
        (("offer_accepted",), "begin-service"),
        (("offer_accepted", "waitlisted"), "begin-service"),
        (("offer_accepted", "cancel_requested"), "answer-cancellation"),
    ],
)
async def test_a_reminder_names_the_step_that_is_due(between: tuple[str, ...], step: str) -> None:
    told = Told()
    promised = {"offer_accepted": {"expected_by": DUE}, "waitlisted": {"expected_by": DUE}}
    events = [told(f"referral.{name}", **promised.get(name, {})) for name in between]
    found = await reminders([*direct(told), *events, told("referral.reminded")])
    assert found == [("shelter", "recipient", step)]


#: Its sender may be gone, so its recipient hears of it again.
NOT_BEGUN = [("clinic", "not-begun-yet", "ask-to-cancel"), ("shelter", "reminder", "begin-service")]


@pytest.mark.parametrize(
    ("between", "news"),
    [
        ((), [("clinic", "no-answer-yet", "offer-elsewhere")]),
        (("offer_accepted",), NOT_BEGUN),
        (("offer_accepted", "put_on_hold"), NOT_BEGUN),
        # Whoever asked waits for an answer to that, and not for a beginning.
        (("offer_accepted", "cancel_requested"), []),
        (("offer_accepted", "service_started"), []),
    ],
)
async def test_whoever_can_act_is_told_what_is_waited_for_in_vain(between: tuple[str, ...], news: list[Any]) -> None:
    told = Told()
    late = {"admitted": {"starting": [{"start_by": DUE, "escalate_at": DUE}]}}
    events = [told(f"referral.{name}", **(late if name == "offer_accepted" else {})) for name in between]
    opening = [*map(told, OPENING[:-1]), told(OPENING[-1], admitted={"escalate_at": DUE})]
    said = told("referral.escalated")
    found = await feed([*opening, *events, said])
    assert [(row["partner"], row["kind"], row["next"]) for row in found if str(row["event"]) == said.id] == news


@pytest.mark.parametrize(
    ("between", "step"),
    [
        ((), "answer-offer"),
        (("offer_accepted",), "record-outcome"),
        (("offer_accepted", "service_started"), "record-outcome"),
        (("offer_accepted", "outcome_recorded"), "nothing"),
        (("offer_declined",), "nothing"),
    ],
)
async def test_what_the_sender_heard_asks_for_what_is_still_to_be_said(between: tuple[str, ...], step: str) -> None:
    told = Told()
    events = [told(f"referral.{name}") for name in between]
    *_, heard = await feed([*map(told, OPENING), *events, told("referral.outcome_reported_by_sender")])
    assert (heard["partner"], heard["kind"], heard["next"]) == ("shelter", "outcome-heard", step)


async def test_a_step_that_does_not_fit_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: told alike in every state, who has accepted is asked to answer."""
    told = Told()
    monkeypatch.setattr("projections.communication.told.stage_of", lambda _: "awaiting-answer")
    accepted = told("referral.offer_accepted", expected_by=DUE)
    assert await reminders([*direct(told), accepted, told("referral.reminded")]) == [
        ("shelter", "recipient", "answer-offer")
    ]


def test_no_note_is_for_a_stage_that_no_offer_is_in() -> None:
    named = {stage for notes in NOTES.values() for note in notes for stage in note.stages}
    assert named == {*map(stage_of, _STANDS)}


def offer(status: Any, detail: str = "", **more: Any) -> Offer:
    said: dict[str, Any] = {
        "service": "s",
        "consent": "c",
        "purpose": "p",
        "data_classes": (),
        "respond_by": DUE,
        "sent": NOON,
    }
    return Offer(id=OFFER, recipient="shelter", status=status, detail=detail, **said, **more)


_STANDS = (
    offer("requested"),
    offer("accepted"),
    offer("on-hold"),
    offer("in-progress", started=NOON),
    offer("accepted", "cancel-requested"),
    offer("completed"),
    offer("cancelled", EXPIRED),
)


AGAIN = {"offer_id": ident("again"), "service_id": ident("again"), "recipient": "pantry", "replaces": OFFER}


def expired(told: Told) -> list[Event]:
    both = told("consent.granted", recipients={"partners": ["shelter", "pantry"]})
    opening = [told("client.registered"), both, told("referral.requested"), told("referral.offer_sent")]
    return [*opening, told("referral.offer_expired")]


async def gone(events: list[Event], size: int = 100) -> list[dict[str, Any]]:
    return [row for row in await feed(events, size) if row["kind"] == "offer-gone"]


@pytest.mark.parametrize("size", [1, 100])
@pytest.mark.parametrize("end", ["referral.offer_sent", "referral.closed"])
async def test_who_did_not_answer_in_time_hears_that_nobody_waits_any_more(end: str, size: int) -> None:
    told = Told()
    last = told(end, **AGAIN if end == "referral.offer_sent" else {})
    [row] = await gone([*expired(told), last], size)
    shown = ("partner", "why", "next", "offer", "counterpart", "code", "type")
    assert [row[name] for name in shown] == ["shelter", "recipient", "nothing", OFFER, "clinic", None, "withheld"]
    assert row["event"] != last.id


async def test_it_is_told_once_as_long_as_nothing_else_comes() -> None:
    told = Told()
    [row] = await gone([*expired(told), told("referral.closed"), told("referral.offer_sent", **AGAIN)])
    assert row["record_offset"] == 5


async def test_who_could_not_answer_late_hears_nothing() -> None:
    told = Told()
    opening = expired(told)[:-1]
    for end in ("offer_declined", "offer_recalled"):
        assert await gone([*opening, told(f"referral.{end}"), told("referral.offer_sent", **AGAIN)]) == []


async def test_who_answered_late_hears_nothing_and_another_offer_takes_nobody_s_place() -> None:
    told = Told()
    beside = {**AGAIN, "replaces": None}
    assert await gone([*expired(told), told("referral.offer_accepted")]) == []
    assert await gone([*expired(told), told("referral.offer_sent", **beside)]) == []


async def test_a_late_recipient_that_hears_nothing_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: what changed is the new offer alone, so by what changed nobody would be told."""
    told = Told()
    monkeypatch.setattr("projections.communication.told._unawaited", lambda *_: ())
    assert await gone([*expired(told), told("referral.offer_sent", **AGAIN)]) == []
