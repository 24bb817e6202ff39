"""A consent that runs out ends what is open under it, by the clock, and nothing is taken on after that."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from events.catalogue import Event
from projections.referral import REFERRAL
from projections.referral.rules import DESERTED, LASTING
from projections.referral.status import standing_of
from projections.ruling import Refused
from tests.support.events import OFFER, Told, ident, partner, system
from tests.support.story import History
from tests.unit.projections.referral.beginnings import CLASS, TO_CLASS, claim, only

CLOCK = system("timekeeper")
END, SOONER = LASTING + timedelta(hours=1), LASTING + timedelta(minutes=30)
DUE = LASTING + timedelta(days=9)
UNTIL: dict[str, Any] = {"expires_at": END.isoformat()}
OF_AGE: dict[str, Any] = {"subject_capacity": "guardian", "guardian_until": END.isoformat()}
#: Whichever of the two comes first.
BOTH: dict[str, Any] = {**OF_AGE, "expires_at": (END + timedelta(hours=1)).isoformat()}


def asked(told: Told, offer: dict[str, Any] | None = None, at: datetime = LASTING, **consent: Any) -> History:
    begun = History(REFERRAL, at).given(told("client.registered"), told("consent.granted", **consent))
    sent = told("referral.offer_sent", respond_by=DUE.isoformat(), **(offer or {}))
    return begun.given(told("referral.requested"), sent)


def over(told: Told, deadline: datetime = END, **said: Any) -> Event:
    """Return what the clock says of a consent that ran out."""
    why = {"reason": "consent-expired", "deadline": deadline.isoformat(), "time": deadline}
    return told("referral.withdrawn", source=CLOCK, **why, **said)


@pytest.mark.parametrize("consent", [UNTIL, OF_AGE, BOTH])
@pytest.mark.parametrize("taken", [(), ("offer_accepted",), ("offer_accepted", "service_started")])
def test_the_clock_ends_what_is_open_under_a_consent_that_ran_out(consent: Any, taken: Any) -> None:
    told = Told()
    then = asked(told, **consent).given(*(told(f"referral.{name}") for name in taken), over(told))
    found = only(then)
    assert (found.status, found.detail, found.closed) == ("cancelled", "consent-expired", END)
    assert found.reason == "consent-expired"
    assert then.state("client").open_offers == ()
    again = then.when(over(told))
    assert isinstance(again, Refused)
    assert again.code == "illegal-transition"


def test_it_names_the_end_that_the_consent_has_now() -> None:
    told = Told()
    then = asked(told, **UNTIL)
    assert then.when(over(told, SOONER)) == Refused("wrong-deadline")
    then.given(told("consent.narrowed", expires_at=SOONER.isoformat()))
    assert then.when(over(told)) == Refused("wrong-deadline")
    then.given(over(told, SOONER))
    assert only(then).closed == SOONER


def test_a_consent_without_an_end_never_runs_out() -> None:
    told = Told()
    assert asked(told).when(over(told)) == Refused("wrong-deadline")
    nameless = told("referral.withdrawn", source=CLOCK, reason="consent-expired")
    assert asked(Told(), **UNTIL).when(nameless) == Refused("wrong-deadline")


def test_nobody_but_the_clock_says_so() -> None:
    told = Told()
    then = asked(told, **UNTIL).given(told("referral.offer_accepted"))
    said = {"reason": "consent-expired", "deadline": SOONER.isoformat()}
    then.given(told("referral.withdrawn", **said))
    assert only(then).detail == "withdrawn"


def test_nothing_is_accepted_once_it_ran_out() -> None:
    told = Told()
    in_time, then = asked(told, **UNTIL), asked(told, **UNTIL)
    # Each event is recorded a minute after what stands here.
    in_time.now, then.now = END - timedelta(minutes=2), END - timedelta(minutes=1)
    in_time.given(told("referral.offer_accepted"))
    assert then.when(told("referral.offer_accepted", time=LASTING)) == Refused("consent-missing", "expired")
    guarded = asked(told, **OF_AGE)
    guarded.now = END
    assert guarded.when(told("referral.offer_accepted")) == Refused("consent-missing", "guardian-ended")


def test_nothing_is_claimed_once_it_ran_out() -> None:
    told = Told()
    agreed: dict[str, Any] = {**CLASS, **UNTIL}
    then = asked(told, TO_CLASS, **agreed)
    then.now = END
    assert then.when(claim(told)) == Refused("consent-missing", "expired")


def test_what_is_loaded_later_is_judged_by_when_it_happened() -> None:
    told, loaded = Told(), {"backfill": ident("backfill")}
    then = asked(told, **UNTIL)
    then.now = END + timedelta(days=1)
    accepted = {"admitted": loaded, "time": END}
    assert then.when(told("referral.offer_accepted", **accepted)) == Refused("consent-missing", "expired")
    then.given(told("referral.offer_accepted", **accepted | {"time": SOONER}))


def test_what_was_accepted_before_the_rule_stands() -> None:
    told = Told()
    past = asked(told, expires_at=(LASTING - timedelta(minutes=30)).isoformat(), at=LASTING - timedelta(hours=1))
    past.now = LASTING - timedelta(minutes=20)
    past.given(told("referral.offer_accepted"))


def test_one_that_ran_out_and_is_accepted_late_lasts_as_its_consent_does_by_then() -> None:
    told = Told()
    then = asked(told, **UNTIL).given(told("referral.offer_expired", deadline=DUE.isoformat()))
    then.given(told("consent.narrowed", expires_at=SOONER.isoformat()))
    assert only(then).consent_until == END
    then.given(told("referral.offer_accepted"))
    assert only(then).consent_until == SOONER


def test_a_narrowing_reaches_the_offers_under_that_consent_alone_and_moves_nothing_else_of_them() -> None:
    told = Told()
    other = {"consent_id": ident("b"), "offer_id": ident("b"), "service_id": ident("b"), "respond_by": DUE.isoformat()}
    then = asked(told, **UNTIL)
    then.given(told("consent.granted", consent_id=ident("b")), told("referral.offer_sent", **other))
    before = then.state("referral")
    then.given(told("consent.narrowed", expires_at=SOONER.isoformat()))
    after = then.state("referral")
    assert [offer.consent_until for offer in after.offers] == [SOONER, None]
    assert after.last == before.last
    # A control: what the clock names is the end that the offer knows.
    assert then.when(over(told, SOONER, offer_id=ident("b"))) == Refused("wrong-deadline")


def test_its_recipient_says_nothing_more_of_it_as_after_a_revocation() -> None:
    told, revoked = Told(), Told()
    ran_out = asked(told, **UNTIL).given(told("referral.offer_accepted"), over(told))
    ended = asked(revoked, **UNTIL).given(revoked("referral.offer_accepted"), revoked("consent.revoked"))
    for name in ("outcome_recorded", "service_started", "withdrawn", "offer_accepted"):
        event = f"referral.{name}"
        assert ran_out.when(told(event)) == ended.when(revoked(event))
    assert ran_out.when(told("referral.outcome_acknowledged")) == ended.when(revoked("referral.outcome_acknowledged"))


def test_whoever_asked_can_ask_anew_under_another_consent() -> None:
    told = Told()
    then = asked(told, **UNTIL).given(over(told))
    then.now = END
    again = {"offer_id": ident("b"), "replaces": OFFER, "respond_by": DUE.isoformat()}
    assert then.when(told("referral.offer_sent", **again)) == Refused("consent-missing", "expired")
    then.given(
        told("consent.granted", consent_id=ident("b")), told("referral.offer_sent", consent_id=ident("b"), **again)
    )
    assert [offer.status for offer in then.state("referral").offers] == ["cancelled", "requested"]


@pytest.mark.parametrize("reason", ["sender-left", "sender-suspended"])
def test_what_a_partner_asked_that_is_gone_ends_where_nobody_answered(reason: str) -> None:
    told = Told()
    then = asked(told).given(told("referral.withdrawn", source=CLOCK, reason=reason))
    assert (only(then).status, only(then).detail, only(then).reason) == ("cancelled", "sender-left", reason)


@pytest.mark.parametrize("began", [(), ("service_started",), ("cancel_requested",)])
def test_what_was_taken_on_goes_on_without_whoever_asked(began: Any) -> None:
    told = Told()
    then = asked(told).given(told("referral.offer_accepted"), *(told(f"referral.{name}") for name in began))
    gone = told("referral.withdrawn", source=CLOCK, reason="sender-left")
    assert isinstance(then.when(gone), Refused)
    then.given(told("referral.outcome_recorded"))
    assert only(then).detail == "served"


def ran_out(told: Told, at: datetime = DESERTED) -> History:
    expired = told("referral.offer_expired", source=CLOCK, deadline=DUE.isoformat(), time=DUE)
    return asked(told, at=at).given(expired)


def left(told: Told, reason: str = "sender-left") -> Event:
    return told("referral.withdrawn", source=CLOCK, reason=reason, time=DUE + timedelta(days=1))


@pytest.mark.parametrize("reason", ["sender-left", "sender-suspended"])
def test_what_ran_out_cannot_be_answered_late_once_its_sender_is_gone(reason: str) -> None:
    told = Told()
    then = ran_out(told).given(left(told, reason))
    assert (only(then).status, only(then).detail, only(then).reason) == ("cancelled", "sender-left", reason)
    # It had ended on the day on which it ran out.
    assert only(then).closed == DUE
    late = then.when(told("referral.offer_accepted"))
    assert isinstance(late, Refused)
    assert late.code == "illegal-transition"


def test_a_need_that_nobody_answered_counts_so_though_its_sender_was_gone_for_a_time() -> None:
    told = Told()
    then = ran_out(told).given(left(told), told("referral.closed"))
    assert standing_of(then.state("referral")).loop == "closed-unknown"
    told = Told()
    in_time = told("referral.withdrawn", source=CLOCK, reason="sender-left")
    then = asked(told).given(in_time, told("referral.closed"))
    assert standing_of(then.state("referral")).loop == "closed-not-served"


def test_nobody_hears_a_second_time_of_what_no_answer_is_awaited_to() -> None:
    for name, said in (
        ("referral.closed", {}),
        ("referral.offer_sent", {"offer_id": ident("next"), "service_id": ident("next"), "replaces": OFFER}),
    ):
        told = Told()
        then = ran_out(told).given(told(name, **said))
        assert then.when(left(told)) == Refused("illegal-transition", "no answer is awaited any more")


def test_before_that_was_so_it_could_be_answered_late() -> None:
    told = Told()
    then = ran_out(told, LASTING)
    refused = then.when(left(told))
    assert isinstance(refused, Refused)
    assert refused.code == "illegal-transition"
    then.given(told("referral.offer_accepted"))


def test_a_partner_does_not_say_for_itself_that_it_left() -> None:
    told = Told()
    gone = told("referral.withdrawn", source=partner("clinic"), reason="sender-left")
    assert asked(told).when(gone) == Refused("not-your-offer")
