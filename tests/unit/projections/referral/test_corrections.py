"""Corrections never edit: the outcome is said again with its reason, or the offer should never have been made."""

from typing import Any

import pytest
from msgspec.structs import replace

from projections.measurement.counting import ticks
from projections.ruling import Refused
from tests.support.events import NOON, OFFER, Told, ident, partner
from tests.support.story import History
from tests.unit.projections.referral.beginnings import (
    DUE,
    LINK,
    MINUTE,
    SENT,
    accepted,
    asked,
    offered,
    only,
    standing,
)

SERVED = replace(
    SENT,
    status="completed",
    detail="served",
    responded=NOON,
    accepted=NOON,
    promises=1,
    closed=NOON,
    outcome="delivered",
    outputs=1,
)
MEALS: dict[str, Any] = {"outputs": [{"kind": "meal"}, {"kind": "bed-night"}], "reason": None}


def served(told: Told) -> History:
    return accepted(told).given(told("referral.outcome_recorded"))


def test_a_correction_says_what_it_truly_was_and_must_be_seen_again() -> None:
    told = Told()
    then = served(told).given(told("referral.outcome_acknowledged"), told("referral.outcome_corrected", time=DUE))
    assert only(then) == replace(
        SERVED,
        status="failed",
        detail="not-served",
        outcome="not-delivered",
        reason="no-show",
        outputs=0,
        corrections=1,
        acknowledgements=1,
    )
    assert standing(then) == ("in-progress", "open")
    then.given(told("referral.outcome_acknowledged", time=DUE + MINUTE))
    assert (only(then).acknowledged, only(then).acknowledgements) == (DUE + MINUTE, 2)


def test_figures_follow_the_correction() -> None:
    told = Told()
    then = served(told)
    assert "served" in {tick.measure for tick in ticks(then.state("referral"))}
    then.given(told("referral.outcome_corrected"))
    assert "served" not in {tick.measure for tick in ticks(then.state("referral"))}
    then.given(told("referral.outcome_corrected", outcome="partly", **MEALS))
    assert "served" in {tick.measure for tick in ticks(then.state("referral"))}
    assert (only(then).detail, only(then).outputs, only(then).corrections) == ("partly-served", 2, 2)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"outcome": "delivered", "reason": None}, "outcome-needs-output"),
        ({"outcome": "partly", "reason": None}, "outcome-needs-output"),
        ({"reason": None}, "reason-required"),
        ({"reason": "unable-to-contact", "attempts": 2}, "too-few-attempts"),
    ],
)
def test_a_correction_is_held_to_what_an_outcome_is(said: dict[str, Any], code: str) -> None:
    told = Told()
    assert served(told).when(told("referral.outcome_corrected", **said)) == Refused(code)


@pytest.mark.parametrize("attempts", [0, 1])
def test_attempts_that_were_recorded_count_as_those_that_are_stated(attempts: int) -> None:
    told = Told()
    then = accepted(told).given(*(told("referral.contact_attempted") for _ in range(2)))
    gone = {"outcome": "not-delivered", "reason": "unable-to-contact", "outputs": [], "attempts": attempts}
    assert then.when(told("referral.outcome_recorded", **gone)) == Refused("too-few-attempts")
    then.given(told("referral.contact_attempted"), told("referral.outcome_recorded", **gone))
    assert (only(then).contacts, only(then).detail) == (3, "not-served")


def test_only_who_recorded_it_corrects_it() -> None:
    told = Told()
    then = served(told)
    for who, refused in (("clinic", Refused("not-your-offer")), ("stranger", Refused("unknown-subject", "offer"))):
        assert then.when(told("referral.outcome_corrected", source=partner(who))) == refused
    foreign = told("referral.outcome_corrected", source=LINK, admitted={"on_behalf": "clinic"})
    assert then.when(foreign) == Refused("not-your-offer")
    then.given(told("referral.outcome_corrected", source=LINK, admitted={"on_behalf": "shelter"}))


def test_only_an_outcome_is_corrected() -> None:
    told = Told()
    then = offered(told).given(told("referral.offer_declined"))
    refused = then.when(told("referral.outcome_corrected"))
    assert isinstance(refused, Refused)
    assert refused.code == "illegal-transition"


def test_an_offer_in_error_keeps_its_row_and_speaks_for_nothing() -> None:
    told = Told()
    then = served(told).given(told("referral.entered_in_error", time=DUE))
    assert only(then) == replace(
        SERVED, status="entered-in-error", detail="in-error", closed=DUE, reason="wrong-client"
    )
    assert standing(then) == ("draft", "not-opened")
    row = then.row("referral")
    assert (row["recipient"], row["offers"]) == (None, 1)


def test_an_error_keeps_when_its_consent_had_ended_it() -> None:
    told = Told()
    then = offered(told).given(told("consent.revoked", time=DUE), told("referral.entered_in_error", time=DUE + MINUTE))
    assert (only(then).lapsed, only(then).closed) == (DUE, DUE + MINUTE)
    assert only(served(Told()).given(told("referral.entered_in_error"))).lapsed is None


def test_nor_does_it_when_the_need_is_given_up() -> None:
    told = Told()
    then = offered(told).given(told("referral.entered_in_error"), told("referral.closed"))
    assert standing(then) == ("cancelled", "closed-not-served")
    assert then.row("referral")["recipient"] is None
    assert then.state("client").open_offers == ()


def test_what_is_in_error_lets_the_others_speak() -> None:
    told = Told()
    again = {"offer_id": ident("b"), "service_id": ident("b"), "replaces": OFFER}
    then = offered(told).given(told("referral.offer_declined"), told("referral.offer_sent", **again))
    then.given(told("referral.entered_in_error", offer_id=ident("b")))
    assert then.row("referral")["detail"] == "declined"


def test_only_its_sender_says_so_and_nothing_is_said_of_it_afterwards() -> None:
    told = Told()
    then = served(told)
    for who, refused in (("shelter", Refused("not-permitted")), ("stranger", Refused("unknown-subject", "offer"))):
        assert then.when(told("referral.entered_in_error", source=partner(who))) == refused
    then.given(told("referral.entered_in_error"))
    for name in ("entered_in_error", "outcome_corrected", "outcome_acknowledged", "client_answered", "offer_viewed"):
        assert then.when(told(f"referral.{name}")) == Refused(
            "illegal-transition", "entered-in-error; legal now: nothing"
        )


def test_a_draft_is_discarded_and_not_in_error() -> None:
    told = Told()
    then = asked(told).given(told("referral.offer_drafted"))
    assert then.when(told("referral.entered_in_error")) == Refused("unknown-subject", "offer")
