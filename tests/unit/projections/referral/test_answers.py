"""The client's word: whether the need was met, and that sharing is to stop."""

from typing import Any

import pytest
from msgspec.structs import replace

from projections.ruling import Refused
from tests.support.events import NOON, OFFER, Told, ident, partner
from tests.support.story import History
from tests.unit.projections.referral.beginnings import (
    CLIENT_LINK,
    DUE,
    LINK,
    MINUTE,
    SENT,
    accepted,
    asked,
    offered,
    only,
)

BY_CLIENT: dict[str, Any] = {"source": CLIENT_LINK}


def test_the_first_question_and_the_last_answer_count() -> None:
    told = Told()
    then = offered(told).given(told("referral.offer_declined"))
    ended = only(then)
    then.given(
        told("referral.client_asked", time=NOON + MINUTE),
        told("referral.client_asked", time=NOON + 2 * MINUTE, source=partner("shelter")),
        told("referral.client_answered", need_met="no", time=NOON + 3 * MINUTE),
        told("referral.client_answered", need_met="partly", time=DUE, **BY_CLIENT),
    )
    assert only(then) == replace(ended, asked=NOON + MINUTE, answered=DUE, need_met="partly")


def test_what_is_asked_before_anybody_answered_the_offer_is_kept_and_asks_of_nothing() -> None:
    told = Told()
    then = offered(told).given(
        told("referral.client_asked", time=NOON + MINUTE),
        told("referral.client_answered", need_met="no", time=DUE, **BY_CLIENT),
    )
    assert only(then) == replace(SENT, answered=DUE, need_met="no", early=True)
    then.given(told("referral.offer_accepted"), told("referral.client_answered", time=DUE + MINUTE, **BY_CLIENT))
    later = only(then)
    assert (later.asked, later.answered, later.need_met, later.early) == (DUE + MINUTE, DUE + MINUTE, "yes", False)


def test_what_is_asked_after_nobody_answered_in_time_asks_of_nothing_either() -> None:
    told = Told()
    then = offered(told).given(told("referral.offer_expired", time=NOON))
    ran_out = only(then)
    then.given(
        told("referral.client_asked", time=NOON + MINUTE),
        told("referral.client_answered", need_met="no", time=DUE, **BY_CLIENT),
    )
    assert only(then) == replace(ran_out, answered=DUE, need_met="no", early=True)
    then.given(told("referral.offer_accepted"), told("referral.client_asked", time=DUE + MINUTE))
    assert (only(then).asked, only(then).early) == (DUE + MINUTE, True)
    then.given(told("referral.client_answered", time=DUE + MINUTE, **BY_CLIENT))
    assert (only(then).asked, only(then).need_met, only(then).early) == (DUE + MINUTE, "yes", False)


@pytest.mark.parametrize("end", ["offer_declined", "offer_recalled", "withdrawn"])
def test_of_what_ended_by_a_word_it_may_be_asked(end: str) -> None:
    told = Told()
    begun = accepted(told) if end == "withdrawn" else offered(told)
    then = begun.given(told(f"referral.{end}"), told("referral.client_asked", time=DUE))
    assert only(then).asked == DUE


def test_a_no_after_a_service_wants_to_be_looked_at_again() -> None:
    told = Told()
    served = offered(told).given(
        told("referral.offer_accepted"),
        told("referral.outcome_recorded", outcome="delivered", outputs=[{"kind": "goods"}]),
        told("referral.outcome_acknowledged"),
    )
    seen = only(served).acknowledged
    assert seen is not None
    for met, still in (("yes", seen), ("partly", seen), ("no", None)):
        answered = served.given(told("referral.client_answered", need_met=met, time=DUE, **BY_CLIENT))
        assert only(answered).acknowledged == still, met
    again = answered.given(told("referral.outcome_acknowledged", time=DUE + MINUTE))
    assert only(again).acknowledged == DUE + MINUTE


def test_an_answer_that_staff_pass_on_is_told_apart() -> None:
    told = Told()
    then = offered(told).given(told("referral.client_answered", source=partner("shelter"), time=DUE))
    assert only(then) == replace(SENT, answered=DUE, need_met="yes", relayed=True, early=True)


@pytest.mark.parametrize(
    ("source", "refused"),
    [
        (partner("stranger"), Refused("unknown-subject", "offer")),
        (LINK, Refused("not-permitted")),
        ("urn:manyhands:system:timekeeper", Refused("not-permitted")),
    ],
)
def test_nobody_else_answers_for_the_client(source: str, refused: Refused) -> None:
    told = Told()
    then = offered(told)
    by_link = {"source": source, "admitted": {"on_behalf": "shelter"}}
    assert then.when(told("referral.client_answered", **by_link)) == refused
    assert then.when(told("referral.client_asked", **by_link)) == refused


def two(told: Told) -> History:
    """Return a history with an offer that was served, one open under the same consent and one under another."""
    other = ident("another consent")
    then = accepted(told).given(told("referral.outcome_recorded"), told("consent.granted", consent_id=other))
    then.given(told("referral.requested", subject=ident("need 2")))
    for name, more in (("b", {}), ("c", {"consent_id": other})):
        sent = {"subject": ident("need 2"), "offer_id": ident(name), "service_id": ident(name), **more}
        then.given(told("referral.offer_sent", **sent))
    return then


def details(then: History) -> dict[str, str]:
    found = {key.id: state for key, state in then.states.items() if key.kind == "referral"}
    return {offer.id: offer.detail for state in found.values() for offer in state.offers}


def test_to_stop_sharing_ends_the_consent_and_every_offer_that_relies_on_it() -> None:
    told = Told()
    then = two(told).given(told("referral.client_answered", stop_sharing=True, **BY_CLIENT))
    assert details(then) == {OFFER: "served", ident("b"): "consent-revoked", ident("c"): "sent"}
    client = then.state("client")
    assert [consent.ended for consent in client.consents] == ["revoked", None]
    assert [held.offer for held in client.open_offers] == [ident("c")]
    assert then.when(told("consent.revoked")) == Refused("consent-missing", "ended")


def test_an_answer_alone_ends_nothing() -> None:
    told = Told()
    then = two(told).given(told("referral.client_answered", need_met="no", **BY_CLIENT))
    assert details(then) == {OFFER: "served", ident("b"): "sent", ident("c"): "sent"}
    assert [consent.ended for consent in then.state("client").consents] == [None, None]


def test_the_offer_that_is_answered_for_may_be_among_those_that_end() -> None:
    told = Told()
    then = offered(told).given(told("referral.client_answered", stop_sharing=True, time=DUE, **BY_CLIENT))
    assert only(then) == replace(
        SENT,
        status="cancelled",
        detail="consent-revoked",
        closed=DUE,
        answered=DUE,
        need_met="yes",
        early=True,
    )


@pytest.mark.parametrize("name", ["consent.revoked", "consent.entered_in_error"])
def test_a_consent_that_ended_before_stays_as_it_ended(name: str) -> None:
    told = Told()
    then = offered(told).given(told(name), told("referral.client_answered", stop_sharing=True, **BY_CLIENT))
    (consent,) = then.state("client").consents
    assert consent.ended == ("revoked" if name == "consent.revoked" else "entered-in-error")


def test_staff_who_serve_the_person_pass_it_on_and_nobody_else() -> None:
    told = Told()
    then = offered(told)
    stop = told("referral.client_answered", stop_sharing=True, source=partner("shelter"))
    assert then.when(stop) == Refused("not-permitted")
    assert then.state("client").consents[0].ended is None
    then.given(told("referral.offer_accepted"), stop)
    assert then.state("client").consents[0].ended == "revoked"


def test_what_it_ends_must_be_in_order() -> None:
    told = Told()
    then = asked(told).given(told("referral.offer_sent"))
    then.given(told("referral.requested", subject=ident("need 2")))
    sent = {"subject": ident("need 2"), "offer_id": ident("b"), "service_id": ident("b")}
    then.given(told("referral.offer_sent", **sent))
    early = {"admitted": {"backfill": ident("backfill")}, "time": then.now - 3 * MINUTE}
    stop = told("referral.client_answered", stop_sharing=True, **BY_CLIENT, **early)
    assert then.when(stop) == Refused("out-of-order")
