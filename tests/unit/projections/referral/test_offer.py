from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from projections.referral import REFERRAL
from projections.referral.rules import OPENED
from projections.referral.state import Offer, OpenOffer, Referral
from projections.ruling import Refused
from tests.support.events import CONSENT, NOON, OFFER, SERVICE, Told, ident, partner, system
from tests.support.events import REFERRAL as REFERRAL_ID
from tests.support.story import History

MINUTE = timedelta(minutes=1)
SENT = Offer(
    id=OFFER,
    recipient="shelter",
    service=SERVICE,
    status="requested",
    detail="sent",
    consent=CONSENT,
    purpose="coordination",
    data_classes=("contact",),
    programme_class="general",
    protected=False,
    respond_by=datetime(2026, 3, 9, 12, tzinfo=UTC),
    sent=NOON,
)


def asked(told: Told) -> History:
    return History(REFERRAL).given(told("client.registered"), told("consent.granted"), told("referral.requested"))


def offered(told: Told) -> History:
    return asked(told).given(told("referral.offer_sent"))


def accepted(told: Told) -> History:
    return offered(told).given(told("referral.offer_accepted"))


def test_a_need_is_stated_by_its_sender() -> None:
    told = Told()
    then = asked(told).state("referral")
    assert then == Referral(
        sender="clinic",
        taxonomy="open-eligibility",
        need="shelter",
        urgency="soon",
        requested=NOON,
        last=NOON + 3 * MINUTE,
    )


def test_a_need_has_an_id_of_its_own_and_comes_from_a_partner() -> None:
    told = Told()
    then = asked(told)
    assert then.when(told("referral.requested")) == Refused("already-exists", "referral")
    other = told("referral.requested", subject=ident("other"), source=system("timekeeper"))
    assert then.when(other) == Refused("not-permitted")


def test_an_offer_is_open_from_when_it_is_sent() -> None:
    told = Told()
    then = offered(told)
    assert then.state("referral").offers == (SENT,)
    assert then.state("client").open_offers == (OpenOffer(OFFER, REFERRAL_ID, SERVICE, "shelter", CONSENT),)


def test_an_offer_keeps_what_admission_looked_up() -> None:
    told = Told()
    then = asked(told).given(told("referral.offer_sent", admitted={"programme_class": "general", "protected": False}))
    offer = then.state("referral").offers[0]
    assert (offer.programme_class, offer.protected) == ("general", False)


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ({"source": partner("shelter")}, Refused("not-permitted")),
        ({"source": "urn:manyhands:link:x"}, Refused("not-permitted")),
        ({"subject": ident("no such referral")}, Refused("unknown-subject", "referral")),
        ({"recipient": None, "to_class": "housing"}, Refused("recipient-missing")),
        ({"consent_id": ident("no such consent")}, Refused("consent-missing")),
        ({"recipient": "stranger"}, Refused("consent-does-not-cover", "recipient")),
        ({"purpose": "research"}, Refused("consent-does-not-cover", "purpose")),
        ({"data_classes": ["health"]}, Refused("consent-does-not-cover", "data-classes")),
        ({"replaces": ident("no such offer")}, Refused("unknown-subject", "replaced offer")),
    ],
)
def test_an_offer_is_sent_by_the_sender_under_consent(said: dict[str, Any], refused: Refused) -> None:
    told = Told()
    assert asked(told).when(told("referral.offer_sent", **said)) == refused


@pytest.mark.parametrize(
    ("consent", "lapse"),
    [
        ({"valid_from": "2027-01-01T00:00:00Z"}, "not-yet-valid"),
        ({"expires_at": "2026-02-01T00:00:00Z"}, "expired"),
        ({"subject_capacity": "guardian", "guardian_until": "2026-02-01T00:00:00Z"}, "guardian-ended"),
    ],
)
def test_consent_is_judged_at_the_instant_of_sending(consent: dict[str, Any], lapse: str) -> None:
    told = Told()
    then = History(REFERRAL).given(
        told("client.registered"), told("consent.granted", **consent), told("referral.requested")
    )
    assert then.when(told("referral.offer_sent")) == Refused("consent-missing", lapse)


def test_in_a_backfill_consent_is_judged_when_it_happened() -> None:
    told = Told()
    then = {"admitted": {"backfill": ident("backfill")}, "time": datetime(2026, 1, 15, 13, tzinfo=UTC)}
    History(REFERRAL).given(
        told("client.registered", **then),
        told("consent.granted", **then, expires_at="2026-02-01T00:00:00Z"),
        told("referral.requested", **then),
        told("referral.offer_sent", **then),
    )


def test_a_second_open_offer_for_the_same_service_takes_a_reason() -> None:
    told = Told()
    then = offered(told).given(told("referral.requested", subject=ident("another need")))
    again: dict[str, Any] = {"subject": ident("another need"), "offer_id": ident("b")}
    assert then.when(told("referral.offer_sent", **again)) == Refused("duplicate-open-offer")
    then.given(told("referral.offer_sent", **again, duplicate_reason="second-household"))


def test_another_sender_does_not_learn_that_the_client_has_an_open_offer() -> None:
    told = Told()
    another: dict[str, Any] = {"source": partner("shelter"), "subject": ident("another need")}
    then = accepted(told).given(told("referral.requested", **another))
    again = told("referral.offer_sent", **another, offer_id=ident("b"))
    nothing = told("referral.offer_sent", **another | {"subject": ident("no need")}, offer_id=ident("b"))
    assert then.when(again) == then.when(nothing) == Refused("unknown-subject", "referral")
    # That answer was itself a sign, as the need is the sender's own: by now nothing is in its way.
    then.now = OPENED
    then.given(again)


def test_an_offer_id_is_used_once_within_its_referral() -> None:
    told = Told()
    then = offered(told).given(told("referral.offer_declined"))
    assert then.when(told("referral.offer_sent")) == Refused("already-exists", "offer")


def test_an_offer_may_take_the_place_of_one_that_ended() -> None:
    told = Told()
    then = offered(told)
    again: dict[str, Any] = {"offer_id": ident("b"), "service_id": ident("b"), "replaces": OFFER}
    refused = Refused("illegal-transition", "the replaced offer is requested")
    assert then.when(told("referral.offer_sent", **again)) == refused
    then.given(told("referral.offer_declined"), told("referral.offer_sent", **again))
    assert [offer.replaces for offer in then.state("referral").offers] == [None, OFFER]


def test_offers_are_bounded_per_referral_and_open_ones_per_client() -> None:
    told = Told()
    then = asked(told)
    for number in range(50):
        offer = {"offer_id": ident(f"o{number}"), "service_id": ident(f"s{number}")}
        then.given(told("referral.offer_sent", **offer))
    assert then.when(told("referral.offer_sent")) == Refused("too-many", "offers")
    for need in range(3):
        subject = ident(f"need {need}")
        then.given(told("referral.requested", subject=subject))
        for number in range(50):
            said = {"subject": subject, "offer_id": ident(f"o{number}"), "service_id": ident(f"s{need} {number}")}
            then.given(told("referral.offer_sent", **said))
    then.given(told("referral.requested", subject=ident("last")))
    last = told("referral.offer_sent", subject=ident("last"))
    assert then.when(last) == Refused("too-many", "open offers")


def test_the_first_look_counts_and_later_ones_are_counted() -> None:
    told = Told()
    then = offered(told).given(
        told("referral.offer_viewed", by="system"),
        told("referral.offer_viewed", by="link", time=NOON + MINUTE),
        told("referral.offer_viewed", time=NOON + 2 * MINUTE),
    )
    offer = then.state("referral").offers[0]
    assert (offer.detail, offer.viewed, offer.views, offer.fetches) == ("viewed", NOON + MINUTE, 2, 1)


def test_a_system_that_fetches_has_not_looked() -> None:
    told = Told()
    offer = offered(told).given(told("referral.offer_viewed", by="system")).state("referral").offers[0]
    assert (offer.detail, offer.viewed) == ("sent", None)


def test_a_served_need_goes_all_the_way() -> None:
    told = Told()
    then = accepted(told).given(
        told("referral.service_started", time=NOON + 3 * MINUTE),
        told("referral.outcome_recorded", time=NOON + 4 * MINUTE),
        told("referral.outcome_acknowledged", time=NOON + 5 * MINUTE),
        told("referral.outcome_acknowledged", time=NOON + 6 * MINUTE),
    )
    offer = then.state("referral").offers[0]
    assert (offer.status, offer.detail, offer.outcome, offer.outputs) == ("completed", "served", "delivered", 1)
    assert (offer.accepted, offer.started, offer.closed) == (NOON, NOON + 3 * MINUTE, NOON + 4 * MINUTE)
    assert (offer.acknowledged, offer.acknowledgements) == (NOON + 5 * MINUTE, 2)
    assert then.state("client").open_offers == ()


def test_an_acceptance_may_say_by_when() -> None:
    told = Told()
    then = offered(told).given(told("referral.offer_accepted", expected_by="2026-04-01T00:00:00+02:00"))
    assert then.state("referral").offers[0].expected_by == datetime(2026, 3, 31, 22, tzinfo=UTC)


def test_a_decline_keeps_its_reason() -> None:
    told = Told()
    offer = offered(told).given(told("referral.offer_declined")).state("referral").offers[0]
    assert (offer.status, offer.reason, offer.responded, offer.closed) == ("rejected", "no-capacity", NOON, NOON)


@pytest.mark.parametrize("outcome", ["delivered", "partly"])
def test_what_was_delivered_has_an_output(outcome: str) -> None:
    told = Told()
    empty = told("referral.outcome_recorded", outcome=outcome, outputs=[])
    assert accepted(told).when(empty) == Refused("outcome-needs-output")


def test_what_was_not_delivered_has_a_reason() -> None:
    told = Told()
    silent = told("referral.outcome_recorded", outcome="not-delivered", outputs=[])
    assert accepted(told).when(silent) == Refused("reason-required")


@pytest.mark.parametrize(
    ("attempts", "at_sending", "at_outcome", "enough"),
    [
        (None, None, None, False),
        (2, None, None, False),
        (3, None, None, True),
        (1, 2, None, False),
        (2, 2, None, True),
        (None, 0, None, True),
        (4, 5, 3, False),
        (5, 5, 3, True),
        (2, None, 2, True),
    ],
)
def test_a_client_is_unreachable_after_enough_attempts(
    attempts: int | None, at_sending: int | None, at_outcome: int | None, enough: bool
) -> None:
    told = Told()
    then = asked(told).given(
        told("referral.offer_sent", admitted={"min_attempts": at_sending}), told("referral.offer_accepted")
    )
    gone = told(
        "referral.outcome_recorded",
        outcome="not-delivered",
        reason="unable-to-contact",
        attempts=attempts,
        outputs=[],
        admitted={"min_attempts": at_outcome},
    )
    if enough:
        then.given(gone)
    else:
        assert then.when(gone) == Refused("too-few-attempts")


def test_an_event_names_an_offer_that_is_there() -> None:
    told = Told()
    event = told("referral.offer_viewed", offer_id=ident("no such offer"))
    assert offered(told).when(event) == Refused("unknown-subject", "offer")
    elsewhere = told("referral.offer_viewed", subject=ident("no such referral"))
    assert offered(Told()).when(elsewhere) == Refused("unknown-subject", "referral")
