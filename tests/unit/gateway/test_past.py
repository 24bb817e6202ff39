"""What the timeline's rows tell of the past: states with their lengths, and how offers stood at an instant."""

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from projections.referral.state import Handoff, Offer, Referral
from projections.referral.transitions import CANCEL_ASKED, MOVES
from services.gateway.past import ENDINGS, Row, history, status_of, stood
from tests.support.events import ident

DAY = datetime(2026, 3, 2, tzinfo=UTC)
OFFER = ident("offer")


def at(hours: int) -> datetime:
    return DAY + timedelta(hours=hours)


def row(place: int, name: str, detail: str | None = None, *, applied: bool = True, late: int = 0, **words: Any) -> Row:
    """Return a record of this hour, recorded so many hours later, with what was said with it."""
    offer = OFFER if name.startswith("referral.") and name != "referral.requested" else None
    return Row(place, name, at(place), at(place + late), offer, detail, applied, words or None)


def offer(**changed: Any) -> Offer:
    plain: dict[str, Any] = {
        "id": OFFER,
        "recipient": "shelter",
        "service": ident("service"),
        "status": "requested",
        "detail": "sent",
        "consent": ident("consent"),
        "purpose": "care",
        "data_classes": ("contact",),
        "respond_by": at(100),
        "sent": at(1),
    }
    return Offer(**plain | changed)


REQUESTED = row(0, "referral.requested")
SENT = row(1, "referral.offer_sent", "sent")
VIEWED = row(2, "referral.offer_viewed", "viewed")
ACCEPTED = row(4, "referral.offer_accepted", "accepted")
STORY = [REQUESTED, SENT, VIEWED, row(3, "referral.offer_viewed", "viewed"), ACCEPTED]
DONE = [*STORY, row(6, "referral.outcome_recorded", "served"), row(7, "referral.outcome_acknowledged", "served")]
SERVED = offer(
    status="completed",
    detail="served",
    viewed=at(2),
    responded=at(4),
    accepted=at(4),
    closed=at(6),
    acknowledged=at(7),
    outcome="delivered",
    expected_by=at(50),
)


def test_a_fine_state_says_its_status_or_leaves_it() -> None:
    """So that a row's fine state says the status too."""
    for move in MOVES:
        if move.to is not None:
            for source in move.sources:
                before = move.to if len(_statuses(move.detail)) > 1 else source
                assert status_of(move.detail, before) == move.to


def _statuses(detail: str) -> set[str]:
    return {move.to for move in MOVES if move.detail == detail and move.to is not None}


def test_where_a_fine_state_is_of_several_statuses_it_leaves_the_status_as_it_is() -> None:
    for move in MOVES:
        if len(_statuses(move.detail)) > 1:
            assert move.sources == (move.to,)


def test_each_state_lasts_from_its_event_to_the_next_ones() -> None:
    found = history(STORY, [offer()], None).spans
    assert [(span.detail, span.since, span.until) for span in found] == [
        ("sent", at(1), at(2)),
        ("viewed", at(2), at(4)),
        ("accepted", at(4), None),
    ]


def test_each_record_finds_the_offer_in_a_state_and_refused_ones_leave_it() -> None:
    refused = row(3, "referral.service_started", applied=False)
    found = history([REQUESTED, SENT, refused, ACCEPTED], [offer()], None)
    assert {place: (each.detail, each.since) for place, each in found.before.items()} == {
        3: ("sent", at(1)),
        4: ("sent", at(1)),
    }


def test_an_event_about_the_client_ends_what_it_ended() -> None:
    ended = offer(status="cancelled", detail="consent-revoked", closed=at(5))
    lives_on = offer(id=ident("other"))
    rows = [*STORY, row(5, ENDINGS[0])]
    assert [span.detail for span in history(rows, [ended, lives_on], None).spans][-1] == "consent-revoked"
    assert [span.detail for span in history(rows, [lives_on], None).spans][-1] == "accepted"
    assert [span.detail for span in history(rows, [ended], at(4)).spans][-1] == "accepted"


def test_later_records_are_left_out_though_they_tell_of_before() -> None:
    late = row(2, "referral.offer_viewed", "viewed", late=10)
    rows = [REQUESTED, SENT, late]
    assert [span.detail for span in history(rows, [offer()], at(5)).spans] == ["sent"]
    assert [span.detail for span in history(rows, [offer()], at(12)).spans] == ["sent", "viewed"]


def then(rows: list[Row], as_of: datetime, now: Offer = SERVED) -> tuple[Offer, ...] | None:
    """Return the offers of the referral as they stood."""
    plain: dict[str, Any] = {"sender": "clinic", "taxonomy": "manyhands", "need": "shelter", "urgency": "soon"}
    referral = Referral(**plain, requested=at(0), last=at(9), offers=(now,))
    found = stood(rows, referral, [now], as_of)
    return None if found is None else found.offers


def test_an_offer_stood_as_was_on_record() -> None:
    assert then(DONE, at(0)) == ()
    assert then(DONE, at(1)) == (offer(),)
    assert then(DONE, at(3)) == (offer(detail="viewed", viewed=at(2)),)
    # When it was expected was known, and may have been another: a later event could have changed it.
    taken = {"viewed": at(2), "responded": at(4), "accepted": at(4)}
    assert then(DONE, at(5)) == (offer(status="accepted", detail="accepted", **taken),)
    served = {"status": "completed", "detail": "served", "closed": at(6), "outcome": "delivered", "expected_by": at(50)}
    assert then(DONE, at(6)) == (offer(**taken, **served),)
    assert then(DONE, at(7)) == (SERVED,)


def test_what_a_later_event_may_have_changed_is_not_told() -> None:
    corrected = [*DONE, row(9, "referral.outcome_corrected", "served")]
    [before] = then(corrected, at(8)) or ()
    assert (before.status, before.outcome) == ("completed", None)


def test_an_offer_that_had_ended_with_its_consent_had_though_it_was_an_error() -> None:
    error = offer(status="entered-in-error", detail="in-error", closed=at(8), lapsed=at(5), reason="wrong-client")
    rows = [REQUESTED, SENT, row(5, "consent.revoked"), row(8, "referral.entered_in_error", "in-error")]
    assert then(rows, at(4), error) == (offer(),)
    assert then(rows, at(6), error) == (offer(status="cancelled", detail="consent-revoked", closed=at(5)),)
    [after] = then(rows, at(8), error) or ()
    assert (after.status, after.closed) == ("entered-in-error", at(8))
    spans = history(rows, [error], None).spans
    assert [(span.detail, span.until) for span in spans] == [
        ("sent", at(5)),
        ("consent-revoked", at(8)),
        ("in-error", None),
    ]
    # A control: that it had ended is known from nothing else.
    assert [each.detail for each in then(rows, at(6), replace(error, lapsed=None)) or ()] == ["sent"]


def test_an_offer_to_a_class_was_nobody_s_before_it_was_claimed() -> None:
    claimed = offer(to_class="shelters", status="accepted", detail="claimed", responded=at(4), accepted=at(4))
    rows = [REQUESTED, SENT, row(4, "referral.offer_claimed", "claimed")]
    [before] = then(rows, at(3), claimed) or ()
    assert (before.recipient, before.service, before.detail) == ("", "", "sent")
    assert then(rows, at(4), claimed) == (claimed,)


def test_a_state_that_several_statuses_have_keeps_the_one_it_was_in() -> None:
    rows = [*STORY, row(6, "referral.service_started", "serving"), row(8, "referral.cancel_requested", CANCEL_ASKED)]
    assert [(span.status, span.detail) for span in history(rows, [offer()], None).spans][-2:] == [
        ("in-progress", "serving"),
        ("in-progress", CANCEL_ASKED),
    ]


def test_a_client_s_answer_ends_offers_of_other_referrals_too() -> None:
    ended = offer(status="cancelled", detail="consent-revoked", closed=at(5))
    elsewhere = Row(5, "referral.client_answered", at(5), at(5), None, None, True)
    assert [span.detail for span in history([*STORY, elsewhere], [ended], None).spans][-1] == "consent-revoked"


def test_what_was_heard_of_a_handoff_was_not_known_before() -> None:
    plain: dict[str, Any] = {"sender": "clinic", "taxonomy": "manyhands", "need": "shelter", "urgency": "soon"}
    handoff = Handoff(id=OFFER, reported=at(0), channel="phone", heard="delivered", heard_at=at(5))
    referral = Referral(**plain, requested=at(0), last=at(9), handoff=handoff, closed=at(7), disposition="done")
    names = ("handoff_reported", "", "", "", "", "outcome_reported_by_sender", "", "closed")
    rows = [row(place, f"referral.{name}")._replace(offer=None) for place, name in enumerate(names) if name]
    told = {hour: stood(rows, referral, [], at(hour)) for hour in (4, 6, 8)}
    assert [(found.handoff and found.handoff.heard, found.closed) for found in told.values() if found] == [
        (None, None),
        ("delivered", None),
        ("delivered", at(7)),
    ]
    assert told[8] == referral


def test_a_referral_is_there_once_it_is_on_record() -> None:
    assert then(DONE, at(0) - timedelta(seconds=1)) is None
    assert then([REQUESTED._replace(applied=False)], at(3)) is None


HELD = [
    *STORY[:-1],
    row(4, "referral.offer_accepted", "accepted", expected_by=at(50).isoformat()),
    row(5, "referral.put_on_hold", "resting", reason="client-away"),
    row(6, "referral.resumed", "serving"),
    row(7, "referral.waitlisted", "waitlisted"),
    row(8, "referral.outcome_recorded", "partly-served", outcome="partly", reason="no-capacity"),
    row(9, "referral.entered_in_error", "in-error", reason="wrong-client"),
]
IN_ERROR = offer(status="entered-in-error", detail="in-error", outcome="partly", reason="wrong-client", closed=at(9))


def _then(hour: int, rows: list[Row] = HELD) -> tuple[str | None, str | None, datetime | None]:
    [stands] = then(rows, at(hour), IN_ERROR) or ()
    return stands.reason, stands.outcome, stands.expected_by


def test_reasons_outcomes_and_estimates_are_told_as_they_were_whatever_came_later() -> None:
    assert [_then(hour) for hour in range(4, 10)] == [
        (None, None, at(50)),
        ("client-away", None, at(50)),
        (None, None, at(50)),
        (None, None, None),
        ("no-capacity", "partly", None),
        ("wrong-client", "partly", None),
    ]


def test_what_the_caller_may_not_know_is_left_out_of_the_past_too() -> None:
    unheard = [each._replace(words=None) for each in HELD]
    assert {_then(hour, unheard) for hour in range(4, 9)} == {(None, None, None)}


def test_each_state_says_why_it_came_to_be() -> None:
    told = [(span.detail, span.reason) for span in history(HELD, [IN_ERROR], None).spans]
    assert told[3:] == [
        ("resting", "client-away"),
        ("serving", None),
        ("waitlisted", None),
        ("partly-served", "no-capacity"),
        ("in-error", "wrong-client"),
    ]


def test_a_reason_of_the_offer_is_none_of_why_it_ended_with_the_consent() -> None:
    ended = Row(6, "consent.revoked", at(6), at(6), None, None, applied=True)
    later = row(7, "referral.entered_in_error", "in-error", reason="wrong-client")
    revoked = offer(status="cancelled", detail="consent-revoked", closed=at(6), reason="client-asked")
    rows = [*HELD[:6], ended]
    [stands] = then(rows, at(6), revoked) or ()
    assert (stands.detail, stands.reason) == ("consent-revoked", "client-asked")
    [stands] = then([*rows, later], at(6), revoked) or ()
    assert (stands.detail, stands.reason) == ("consent-revoked", None)
