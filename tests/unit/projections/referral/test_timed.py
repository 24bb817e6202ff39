"""Time passing is an event: it names the offer's own deadline, and each deadline is told of once."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from projections.ruling import APPLIED, Refused
from tests.support.events import NOON, OFFER, Told, ident, partner
from tests.unit.projections.referral.beginnings import (
    DUE,
    LATER,
    MINUTE,
    SENT,
    SOON,
    accepted,
    asked,
    claim,
    offered,
    only,
    opened,
    standing,
)

DUES = {"admitted": {"remind_at": SOON.isoformat(), "escalate_at": LATER.isoformat()}}
WAITING = replace(SENT, remind_at=SOON, escalate_at=LATER)


def test_an_offer_keeps_when_somebody_is_to_be_told() -> None:
    assert only(offered(Told(), **DUES)) == WAITING


def test_who_does_not_answer_is_reminded_and_the_sender_told_and_neither_moves_the_offer() -> None:
    told = Told()
    then = offered(told, **DUES).given(
        told("referral.reminded", deadline=SOON), told("referral.escalated", deadline=LATER)
    )
    assert only(then) == replace(WAITING, reminded=SOON, escalated=LATER)
    assert then.when(told("referral.reminded", deadline=SOON)) == Refused("wrong-deadline")
    assert then.when(told("referral.escalated", deadline=LATER)) == Refused("wrong-deadline")


def test_an_offer_expires_by_its_own_deadline_whatever_any_clock_says() -> None:
    told = Told()
    then = offered(told)
    assert then.now < DUE
    assert then.when(told("referral.offer_expired", deadline=DUE + MINUTE)) == Refused("wrong-deadline")
    then.given(told("referral.offer_expired", deadline=DUE.astimezone(), time=DUE))
    assert only(then) == replace(SENT, status="cancelled", detail="expired-no-response", closed=DUE)
    assert then.state("client").open_offers == ()
    assert standing(then) == ("in-progress", "open")


@pytest.mark.parametrize(
    ("name", "deadline"),
    [("reminded", DUE), ("reminded", LATER), ("escalated", SOON), ("escalated", DUE), ("offer_expired", SOON)],
)
def test_no_deadline_but_the_one_it_is_for(name: str, deadline: datetime) -> None:
    told = Told()
    assert offered(told, **DUES).when(told(f"referral.{name}", deadline=deadline)) == Refused("wrong-deadline")


@pytest.mark.parametrize("name", ["reminded", "escalated"])
def test_an_offer_without_such_a_deadline_has_none(name: str) -> None:
    told = Told()
    assert offered(told).when(told(f"referral.{name}", deadline=DUE)) == Refused("wrong-deadline")


def test_the_service_that_was_promised_is_due_until_it_starts() -> None:
    told = Told()
    then = accepted(told, expected_by=SOON)
    assert then.when(told("referral.reminded", deadline=DUE)) == Refused("wrong-deadline")
    then.given(told("referral.reminded", deadline=SOON), told("referral.waitlisted", expected_by=LATER))
    assert (only(then).reminded, only(then).expected_by, only(then).start_by) == (None, LATER, LATER)
    then.given(told("referral.reminded", deadline=LATER), told("referral.service_started"))
    assert only(then).reminded == LATER
    then.given(told("referral.put_on_hold"))
    assert then.when(told("referral.reminded", deadline=LATER)) == Refused("wrong-deadline")


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_each_promise_is_asked_for_once_whatever_was_said_before_it(days: int) -> None:
    """A day that lies before what was reminded of, or on it, is one that its recipient named afterwards."""
    told, by, late = Told(), SOON + timedelta(days=days), LATER + timedelta(days=days)
    said = told("referral.reminded", deadline=SOON), told("referral.escalated", deadline=LATER)
    promised = {"admitted": {"starting": [{"start_by": by, "escalate_at": late}]}}
    then = offered(told, **DUES).given(*said)
    for name in ("offer_accepted", "waitlisted", "waitlisted"):
        then.given(told(f"referral.{name}", **promised))
        assert (only(then).reminded, only(then).escalated) == (None, None)
        for timed, deadline in (("reminded", by), ("escalated", late)):
            other = told(f"referral.{timed}", deadline=deadline + MINUTE)
            assert then.when(other) == Refused("wrong-deadline")
            then.given(told(f"referral.{timed}", deadline=deadline))
            assert then.when(told(f"referral.{timed}", deadline=deadline)) == Refused("wrong-deadline")
        assert (only(then).reminded, only(then).escalated) == (by, late)
    assert only(then).promises == 3


def by_policy(**when: Any) -> dict[str, Any]:
    """Return what admission adds to a promise: the policy's days, and others for another service."""
    usual, other = {"start_by": SOON, "escalate_at": LATER}, {"start_by": NOON, "escalate_at": NOON}
    return {"admitted": {"starting": [{**other, "services": [ident("another service")]}, usual | when]}}


def test_what_was_promised_is_due_by_policy_where_its_recipient_names_no_day() -> None:
    told = Told()
    then = accepted(told, **by_policy())
    assert (only(then).expected_by, only(then).start_by, only(then).late_at) == (None, SOON, LATER)
    for name, deadline in (("reminded", LATER), ("escalated", SOON), ("reminded", NOON), ("escalated", NOON)):
        assert then.when(told(f"referral.{name}", deadline=deadline)) == Refused("wrong-deadline")
    then.given(told("referral.reminded", deadline=SOON), told("referral.escalated", deadline=LATER))
    assert (only(then).reminded, only(then).escalated, only(then).status) == (SOON, LATER, "accepted")
    for name, deadline in (("reminded", SOON), ("escalated", LATER)):
        assert then.when(told(f"referral.{name}", deadline=deadline)) == Refused("wrong-deadline")


def test_a_service_goes_by_days_of_its_own() -> None:
    told = Told()
    own = {"services": [ident("another service"), SENT.service], "start_by": DUE, "escalate_at": LATER}
    then = accepted(told, admitted={"starting": [{"start_by": NOON, "escalate_at": NOON}, own]})
    assert (only(then).start_by, only(then).late_at) == (DUE, LATER)


def test_whoever_claims_promises_its_own_service() -> None:
    told = Told()
    more = by_policy(services=[ident("beds")])["admitted"]
    then = opened(told).given(claim(told, service_id=ident("beds"), admitted=more))
    assert (only(then).start_by, only(then).late_at) == (SOON, LATER)


def test_history_from_before_policies_said_so_has_the_recipient_s_day_alone() -> None:
    told = Told()
    then = accepted(told, expected_by=SOON)
    assert (only(then).start_by, only(then).late_at) == (SOON, None)
    assert then.when(told("referral.escalated", deadline=LATER)) == Refused("wrong-deadline")
    assert only(accepted(Told())).start_by is None


@pytest.mark.parametrize("name", ["contact_attempted", "put_on_hold"])
def test_a_try_to_reach_the_person_or_a_pause_is_no_beginning(name: str) -> None:
    told = Told()
    then = accepted(told, **by_policy()).given(told(f"referral.{name}"))
    assert (only(then).start_by, only(then).late_at) == (SOON, LATER)
    assert then.when(told("referral.reminded", deadline=SOON)) == APPLIED
    assert then.when(told("referral.escalated", deadline=LATER)) == APPLIED


def test_a_waiting_list_counts_anew_from_when_it_is_said() -> None:
    told = Told()
    then = accepted(told, **by_policy()).given(told("referral.reminded", deadline=SOON))
    then.given(told("referral.waitlisted", **by_policy(start_by=DUE, escalate_at=DUE + MINUTE)))
    assert (only(then).expected_by, only(then).start_by, only(then).late_at) == (None, DUE, DUE + MINUTE)
    for name, deadline in (("reminded", SOON), ("escalated", LATER)):
        assert then.when(told(f"referral.{name}", deadline=deadline)) == Refused("wrong-deadline")


@pytest.mark.parametrize("end", ["service_started", "outcome_recorded", "withdrawn"])
def test_once_it_began_or_ended_nobody_is_told_that_it_has_not(end: str) -> None:
    told = Told()
    then = accepted(told, **by_policy()).given(told(f"referral.{end}"))
    for name, deadline in (("reminded", SOON), ("escalated", LATER)):
        assert isinstance(then.when(told(f"referral.{name}", deadline=deadline)), Refused)


def test_nobody_is_told_of_an_answer_that_came() -> None:
    told = Told()
    then = offered(told, **DUES).given(told("referral.offer_accepted"))
    assert then.when(told("referral.escalated", deadline=LATER)) == Refused("wrong-deadline")
    assert then.when(told("referral.reminded", deadline=SOON)) == Refused("wrong-deadline")


@pytest.mark.parametrize("name", ["offer_expired", "reminded", "escalated"])
@pytest.mark.parametrize("source", [partner("clinic"), partner("shelter"), "urn:manyhands:system:vault"])
def test_only_the_clock_tells_the_time(name: str, source: str) -> None:
    told = Told()
    then = offered(told, **DUES)
    assert then.when(told(f"referral.{name}", source=source, deadline=DUE)) == Refused("not-permitted")


def test_an_answer_counts_though_it_is_late() -> None:
    told = Told()
    then = offered(told).given(
        told("referral.offer_expired", time=DUE),
        told("referral.outcome_acknowledged"),
        told("referral.offer_accepted", time=DUE + MINUTE),
    )
    assert only(then) == replace(
        SENT,
        status="accepted",
        detail="accepted",
        responded=DUE + MINUTE,
        accepted=DUE + MINUTE,
        promises=1,
        acknowledgements=1,
    )
    assert [held.offer for held in then.state("client").open_offers] == [OFFER]
    assert then.state("client").serving == ("shelter",)


def test_a_class_may_claim_late_too() -> None:
    told = Told()
    then = opened(told).given(told("referral.offer_expired"), claim(told))
    assert (only(then).recipient, only(then).detail, only(then).closed) == ("shelter", "claimed", None)


def test_no_answer_counts_once_another_offer_took_the_place() -> None:
    told = Told()
    then = offered(told).given(told("referral.offer_expired"))
    again: dict[str, Any] = {"offer_id": ident("b"), "service_id": ident("b"), "replaces": OFFER}
    then.given(told("referral.offer_sent", **again))
    assert then.when(told("referral.offer_accepted")) == Refused("illegal-transition", "another offer took its place")
    then.given(told("referral.offer_declined", offer_id=ident("b")))
    assert then.when(told("referral.offer_accepted")) == Refused("illegal-transition", "another offer took its place")


@pytest.mark.parametrize(
    ("between", "refused"),
    [
        (("consent.revoked", {}), Refused("consent-missing", "ended")),
        (("consent.narrowed", {"expires_at": NOON}), Refused("consent-missing", "expired")),
        (("consent.narrowed", {"recipients": {"partners": []}}), Refused("consent-does-not-cover", "recipient")),
        (("consent.narrowed", {"data_classes": ["need"]}), Refused("consent-does-not-cover", "data-classes")),
    ],
)
def test_what_comes_late_is_shared_anew(between: tuple[str, dict[str, Any]], refused: Refused) -> None:
    told = Told()
    name, said = between
    then = offered(told).given(told("referral.offer_expired"), told(name, **said))
    assert then.when(told("referral.offer_accepted")) == refused


def test_in_a_backfill_a_late_answer_is_judged_when_it_came() -> None:
    told, at = Told(), NOON - timedelta(days=20)
    late: dict[str, Any] = {"admitted": {"backfill": ident("backfill")}, "time": at}
    then = asked(told, consent={**late, "expires_at": at + timedelta(days=1)}, **late)
    then.given(told("referral.offer_sent", **late), told("referral.offer_expired", **late))
    assert then.when(told("referral.offer_accepted")) == Refused("consent-missing", "expired")
    assert then.when(told("referral.offer_accepted", **late)) == APPLIED
