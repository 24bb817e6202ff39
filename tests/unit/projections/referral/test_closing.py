"""Giving a need up, and taking it up again."""

from typing import Any

import pytest

from projections.referral.state import Offer
from projections.ruling import Refused
from tests.support.events import NOON, OFFER, Told, ident, partner
from tests.support.story import History
from tests.unit.projections.referral.beginnings import DUE, MINUTE, accepted, asked, offered, standing

AGAIN: dict[str, Any] = {"offer_id": ident("b"), "service_id": ident("b"), "replaces": OFFER}


def test_a_need_is_given_up_before_anything_was_sent() -> None:
    told = Told()
    then = asked(told).given(told("referral.closed", time=DUE))
    referral = then.state("referral")
    assert (referral.closed, referral.disposition, referral.last) == (DUE, "no-suitable-service", NOON + 4 * MINUTE)
    assert standing(then) == ("cancelled", "closed-not-served")


@pytest.mark.parametrize(
    ("ending", "stands"),
    [
        (("offer_declined",), ("cancelled", "closed-not-served")),
        (("offer_recalled",), ("cancelled", "closed-not-served")),
        (("offer_expired",), ("cancelled", "closed-unknown")),
        (("offer_accepted", "withdrawn"), ("cancelled", "closed-not-served")),
        (("offer_accepted", "outcome_recorded", "outcome_corrected"), ("failed", "closed-not-served")),
    ],
)
def test_how_it_stands_then_follows_from_how_its_offers_ended(ending: tuple[str, ...], stands: tuple[str, str]) -> None:
    told = Told()
    then = offered(told).given(*(told(f"referral.{name}") for name in ending))
    assert standing(then) == ("in-progress", "open")
    then.given(told("referral.closed"))
    assert standing(then) == stands


@pytest.mark.parametrize(
    ("before", "detail"),
    [
        ((), "an offer is requested"),
        (("offer_accepted",), "an offer is accepted"),
        (("offer_accepted", "service_started"), "an offer is in-progress"),
        (("offer_accepted", "waitlisted"), "an offer is on-hold"),
        (("offer_accepted", "outcome_recorded"), "an offer is completed"),
    ],
)
def test_no_need_is_given_up_while_somebody_is_at_work_or_once_it_was_met(before: tuple[str, ...], detail: str) -> None:
    told = Told()
    then = offered(told).given(*(told(f"referral.{name}") for name in before))
    assert then.when(told("referral.closed")) == Refused("illegal-transition", detail)


def test_it_is_given_up_once_and_by_its_sender() -> None:
    told = Told()
    then = asked(told)
    for source in (partner("shelter"), "urn:manyhands:system:timekeeper"):
        assert then.when(told("referral.closed", source=source)) == Refused("not-permitted")
    then.given(told("referral.closed"))
    assert then.when(told("referral.closed")) == Refused("illegal-transition", "closed")


def test_only_an_offer_that_replaces_another_opens_it_again() -> None:
    told = Told()
    then = offered(told).given(told("referral.offer_declined"), told("referral.closed"))
    fresh = told("referral.offer_sent", offer_id=ident("c"), service_id=ident("c"))
    refused = Refused("illegal-transition", "closed; a new offer has to replace an earlier one")
    assert then.when(fresh) == refused
    then.given(told("referral.offer_sent", **AGAIN))
    referral = then.state("referral")
    assert (referral.closed, referral.disposition) == (None, None)
    assert standing(then) == ("requested", "open")
    assert [offer.replaces for offer in referral.offers] == [None, OFFER]


def test_a_need_that_was_given_up_before_anybody_was_asked_is_opened_by_asking() -> None:
    told = Told()
    then = asked(told).given(told("referral.closed"), told("referral.offer_sent"))
    assert standing(then) == ("requested", "open")
    assert then.state("referral").closed is None


def test_whoever_answers_late_has_what_was_given_up_at_work_again_until_its_sender_says_so_anew() -> None:
    told = Told()
    then = offered(told).given(told("referral.offer_expired"), told("referral.closed"), told("referral.offer_accepted"))
    assert then.state("referral").closed is None
    then.given(told("referral.outcome_recorded", outcome="not-delivered", reason="no-show", outputs=[]))
    assert standing(then) == ("in-progress", "open")
    then.given(told("referral.closed"))
    assert standing(then)[1] == "closed-not-served"


def test_an_offer_made_in_error_takes_nobodys_place() -> None:
    told = Told()
    then = offered(told).given(told("referral.offer_expired"), told("referral.offer_sent", **AGAIN))
    refused = Refused("illegal-transition", "another offer took its place")
    assert then.when(told("referral.offer_accepted")) == refused
    then.given(told("referral.entered_in_error", offer_id=ident("b")), told("referral.offer_accepted"))
    assert standing(then) == ("accepted", "open")


def reopened(told: Told) -> History:
    return accepted(told).given(told("referral.outcome_recorded"), told("referral.offer_sent", **AGAIN))


def test_what_was_served_is_open_again_by_an_offer_in_its_place() -> None:
    told = Told()
    then = reopened(told)
    first, second = then.state("referral").offers
    assert (first.status, second.status) == ("completed", "requested")
    assert standing(then) == ("requested", "open")
    assert then.row("referral")["closed_at"] is None
    assert then.when(told("referral.closed")) == Refused("illegal-transition", "an offer is requested")


def test_an_offer_beside_a_served_one_opens_nothing() -> None:
    told = Told()
    beside = AGAIN | {"replaces": None}
    then = accepted(told).given(told("referral.outcome_recorded"), told("referral.offer_sent", **beside))
    assert standing(then) == ("completed", "closed-served")


@pytest.mark.parametrize("ending", ["offer_declined", "offer_recalled", "offer_expired"])
def test_what_was_opened_again_stays_open_until_its_sender_gives_it_up(ending: str) -> None:
    told = Told()
    then = reopened(told).given(told(f"referral.{ending}", offer_id=AGAIN["offer_id"]))
    assert standing(then) == ("in-progress", "open")
    then.given(told("referral.closed"))
    # Somebody did answer, so it is not unknown how it ended.
    assert standing(then) == ("cancelled", "closed-not-served")


def test_an_offer_in_the_place_of_a_served_one_serves_again() -> None:
    told = Told()
    again = {"offer_id": AGAIN["offer_id"]}
    then = reopened(told).given(told("referral.offer_accepted", **again), told("referral.outcome_recorded", **again))
    assert standing(then) == ("completed", "closed-served")


def test_what_was_served_speaks_again_when_the_offer_in_its_place_was_an_error() -> None:
    told = Told()
    then = reopened(told).given(told("referral.entered_in_error", offer_id=AGAIN["offer_id"]))
    assert standing(then) == ("completed", "closed-served")
    assert then.when(told("referral.closed")) == Refused("illegal-transition", "an offer is completed")


def test_whatever_took_the_place_of_an_error_took_that_of_what_the_error_had_replaced() -> None:
    told = Told()
    third = {"offer_id": ident("c"), "service_id": ident("c"), "replaces": ident("b")}
    then = reopened(told).given(
        told("referral.offer_declined", offer_id=ident("b")),
        told("referral.offer_sent", **third),
        told("referral.entered_in_error", offer_id=ident("b")),
    )
    assert standing(then) == ("requested", "open")
    then.given(told("referral.entered_in_error", offer_id=ident("c")))
    assert standing(then) == ("completed", "closed-served")


def test_a_late_answer_counts_though_the_need_was_given_up() -> None:
    told = Told()
    then = offered(told).given(told("referral.offer_expired"), told("referral.closed"))
    assert standing(then) == ("cancelled", "closed-unknown")
    then.given(told("referral.offer_accepted"))
    assert standing(then) == ("accepted", "open")
    then.given(told("referral.outcome_recorded"))
    assert standing(then) == ("completed", "closed-served")


def test_one_expired_among_others_is_not_unknown() -> None:
    told = Told()
    then = offered(told).given(told("referral.offer_declined"), told("referral.offer_sent", **AGAIN))
    then.given(told("referral.offer_expired", offer_id=ident("b")), told("referral.closed"))
    offers: tuple[Offer, ...] = then.state("referral").offers
    assert [offer.detail for offer in offers] == ["declined", "expired-no-response"]
    assert standing(then) == ("cancelled", "closed-not-served")


def test_an_erased_clients_needs_stay_as_they_were_given_up() -> None:
    told = Told()
    then = offered(told).given(told("referral.offer_expired"), told("referral.closed"), told("client.erased"))
    assert standing(then) == ("cancelled", "closed-unknown")
