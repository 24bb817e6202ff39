"""How the two sides part: one asks, the other or the clock in its place confirms, or the recipient leaves."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from projections.ruling import APPLIED, Refused
from tests.support.events import NOON, Told, partner, system
from tests.support.story import History
from tests.unit.projections.referral.beginnings import DUE, LINK, MINUTE, SENT, accepted, offered, only, opened

CLOCK = system("timekeeper")
ASKED = replace(
    SENT,
    status="accepted",
    detail="cancel-requested",
    responded=NOON,
    accepted=NOON,
    promises=1,
    cancel_asked=NOON + MINUTE,
    confirm_by=DUE,
    reason="need-changed",
)


def cancelling(told: Told, **said: Any) -> History:
    admitted = {"confirm_by": DUE.isoformat()}
    return accepted(told).given(told("referral.cancel_requested", time=NOON + MINUTE, **{"admitted": admitted} | said))


def test_a_wish_to_cancel_waits_and_keeps_the_status() -> None:
    then = cancelling(Told())
    assert only(then) == ASKED
    assert len(then.state("client").open_offers) == 1
    assert then.row("referral")["detail"] == "cancel-requested"


def test_the_recipient_confirms_and_names_no_deadline() -> None:
    told = Told()
    then = cancelling(told).given(told("referral.cancel_confirmed", time=DUE))
    assert only(then) == replace(ASKED, status="cancelled", detail="cancel-confirmed", closed=DUE)
    assert then.state("client").open_offers == ()


@pytest.mark.parametrize("status", ["service_started", "put_on_hold", "waitlisted"])
def test_what_had_begun_is_cancelled_in_the_same_way(status: str) -> None:
    told = Told()
    then = accepted(told).given(told(f"referral.{status}"), told("referral.cancel_requested"))
    then.given(told("referral.cancel_confirmed"))
    assert (only(then).status, only(then).detail) == ("cancelled", "cancel-confirmed")


def test_the_clock_confirms_by_the_offers_own_deadline() -> None:
    told = Told()
    then = cancelling(told)
    for deadline in (None, DUE + timedelta(seconds=1)):
        early = told("referral.cancel_confirmed", source=CLOCK, deadline=deadline)
        assert then.when(early) == Refused("wrong-deadline")
    then.given(told("referral.cancel_confirmed", source=CLOCK, deadline=DUE))
    assert (only(then).status, only(then).detail) == ("cancelled", "cancel-unanswered")
    assert then.state("client").open_offers == ()


def test_whoever_did_not_answer_the_clock_may_still_say_how_it_ended() -> None:
    told = Told()
    then = cancelling(told).given(told("referral.cancel_confirmed", source=CLOCK, deadline=DUE))
    then.given(told("referral.outcome_acknowledged", time=DUE))
    then.given(told("referral.outcome_recorded", time=DUE + MINUTE))
    assert only(then) == replace(
        ASKED,
        status="completed",
        detail="served",
        closed=DUE + MINUTE,
        outcome="delivered",
        outputs=1,
        reason=None,
        acknowledgements=1,
    )
    assert then.row("referral")["detail"] == "served"
    assert isinstance(then.when(told("referral.cancel_confirmed", source=CLOCK, deadline=DUE)), Refused)


def test_whoever_agreed_to_the_cancellation_has_said_how_it_ended() -> None:
    """Negative control: the clock's speaking in its place is what leaves the question open."""
    told = Told()
    then = cancelling(told).given(told("referral.cancel_confirmed"))
    refused = then.when(told("referral.outcome_recorded"))
    assert isinstance(refused, Refused)
    assert refused.code == "illegal-transition"


def test_the_clock_cannot_pass_for_a_link() -> None:
    told = Told()
    then = cancelling(told)
    passing = told("referral.cancel_confirmed", source=CLOCK, admitted={"on_behalf": "shelter"})
    assert then.when(passing) == Refused("wrong-deadline")
    then.given(told("referral.cancel_confirmed", source=LINK, admitted={"on_behalf": "shelter"}))


def test_where_no_deadline_was_written_the_clock_never_confirms() -> None:
    told = Told()
    then = cancelling(told, admitted={})
    assert then.when(told("referral.cancel_confirmed", source=CLOCK, deadline=DUE)) == Refused("wrong-deadline")
    assert then.when(told("referral.cancel_confirmed")) == APPLIED


@pytest.mark.parametrize("name", ["service_started", "waitlisted", "put_on_hold", "resumed", "cancel_requested"])
def test_nothing_hides_the_question_while_it_is_open(name: str) -> None:
    told = Told()
    then = cancelling(told)
    refused = then.when(told(f"referral.{name}"))
    assert isinstance(refused, Refused)
    assert refused.code == "illegal-transition"
    assert only(then) == ASKED


def test_an_attempt_to_reach_the_client_counts_and_leaves_it_open() -> None:
    told = Told()
    then = cancelling(told).given(told("referral.contact_attempted"))
    assert only(then) == replace(ASKED, contacts=1)


def test_the_recipient_may_say_how_it_ended_instead() -> None:
    told = Told()
    then = cancelling(told).given(told("referral.outcome_recorded", time=DUE))
    assert only(then) == replace(
        ASKED, status="completed", detail="served", closed=DUE, outcome="delivered", outputs=1, reason=None
    )


def test_nobody_confirms_what_was_not_asked() -> None:
    told = Told()
    then = accepted(told)
    for source in (partner("shelter"), CLOCK):
        refused = then.when(told("referral.cancel_confirmed", source=source, deadline=DUE))
        assert isinstance(refused, Refused)
        assert refused.code == "illegal-transition"


@pytest.mark.parametrize(
    ("name", "who", "code"),
    [
        ("cancel_requested", "shelter", "not-permitted"),
        ("cancel_requested", "stranger", "unknown-subject"),
        ("cancel_confirmed", "clinic", "not-your-offer"),
        ("withdrawn", "clinic", "not-your-offer"),
        ("offer_recalled", "shelter", "not-permitted"),
    ],
)
def test_each_side_says_its_own_part(name: str, who: str, code: str) -> None:
    told = Told()
    refused = cancelling(told).when(told(f"referral.{name}", source=partner(who)))
    assert isinstance(refused, Refused)
    assert refused.code == code


def test_a_recipient_withdraws_from_what_it_took_on() -> None:
    told = Told()
    then = offered(told)
    early = then.when(told("referral.withdrawn"))
    assert isinstance(early, Refused)
    assert early.code == "illegal-transition"
    then.given(told("referral.offer_accepted"), told("referral.withdrawn", time=DUE))
    assert only(then) == replace(
        SENT,
        status="cancelled",
        detail="withdrawn",
        responded=NOON,
        accepted=NOON,
        promises=1,
        closed=DUE,
        reason="staff-shortage",
    )


def test_the_clock_withdraws_what_a_partner_that_left_was_only_asked() -> None:
    told = Told()
    then = offered(told).given(told("referral.withdrawn", source=CLOCK, reason="partner-left"))
    assert (only(then).status, only(then).detail, only(then).reason) == ("cancelled", "recipient-left", "partner-left")
    assert then.state("client").open_offers == ()


def test_whoever_asked_a_class_takes_it_back_while_nobody_claimed_it() -> None:
    told = Told()
    then = opened(told).given(told("referral.offer_recalled"))
    assert (only(then).detail, only(then).recipient) == ("recalled", "")
