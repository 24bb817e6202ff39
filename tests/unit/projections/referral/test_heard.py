"""What was arranged outside, and what a sender heard of an outcome: known, and never counted as served."""

import pytest
from msgspec.structs import replace

from projections.measurement.counting import ticks
from projections.referral import REFERRAL
from projections.referral.state import Handoff, Referral
from projections.ruling import Refused
from tests.support.events import NOON, OFFER, Told, ident, partner
from tests.support.story import History
from tests.unit.projections.referral.beginnings import DUE, MINUTE, SENT, accepted, offered, only, standing

HANDED_OFF = Referral(
    sender="clinic",
    taxonomy="open-eligibility",
    need="shelter",
    urgency="soon",
    requested=NOON,
    last=NOON + 2 * MINUTE,
    handoff=Handoff(id=OFFER, reported=NOON, channel="phone", sector="health"),
)


def handed_off(told: Told) -> History:
    begun = History(REFERRAL).given(told("client.registered"))
    return begun.given(told("referral.handoff_reported", sector="health"))


def test_a_hand_off_is_a_need_of_its_own_and_counts_for_nothing() -> None:
    then = handed_off(Told())
    assert then.state("referral") == HANDED_OFF
    assert standing(then) == ("in-progress", "handed-off")
    assert then.row("referral")["recipient"] is None
    assert ticks(then.state("referral")) == set()


def test_a_hand_off_needs_no_consent_here_but_a_partner_that_serves_the_client() -> None:
    told = Told()
    then = History(REFERRAL).given(told("client.registered"))
    assert then.when(told("referral.handoff_reported", source=partner("stranger"))) == Refused("not-permitted")
    then.given(told("referral.handoff_reported"))
    assert then.when(told("referral.handoff_reported")) == Refused("already-exists", "referral")


def test_the_sender_tells_what_it_heard_of_it() -> None:
    told = Told()
    then = handed_off(told).given(told("referral.outcome_reported_by_sender", time=DUE))
    heard = Handoff(id=OFFER, reported=NOON, channel="phone", sector="health", heard="delivered", heard_at=DUE)
    assert then.state("referral") == replace(HANDED_OFF, handoff=heard, last=NOON + 3 * MINUTE)
    assert standing(then) == ("in-progress", "handed-off-heard")
    assert ticks(then.state("referral")) == set()


def test_only_its_sender_and_only_of_what_is_there() -> None:
    told = Told()
    then = handed_off(told)
    heard = "referral.outcome_reported_by_sender"
    assert then.when(told(heard, source=partner("shelter"))) == Refused("not-permitted")
    assert then.when(told(heard, offer_id=ident("another"))) == Refused("unknown-subject", "offer")
    assert then.when(told(heard, subject=ident("no need"))) == Refused("unknown-subject", "referral")


@pytest.mark.parametrize("name", ["offer_sent", "closed"])
def test_what_went_outside_takes_no_offer_and_is_not_given_up(name: str) -> None:
    told = Told()
    then = handed_off(told)
    refused = then.when(told(f"referral.{name}"))
    assert isinstance(refused, Refused)
    assert refused.code == "illegal-transition"


def test_what_was_heard_of_an_offer_moves_nothing_and_is_never_served() -> None:
    told = Told()
    then = accepted(told).given(told("referral.outcome_reported_by_sender", time=DUE))
    expected = replace(SENT, status="accepted", detail="accepted", responded=NOON, accepted=NOON, promises=1)
    assert only(then) == replace(expected, heard="delivered", heard_at=DUE)
    assert standing(then) == ("accepted", "open")
    assert {tick.measure for tick in ticks(then.state("referral"))} == {"sent", "received"}


def test_the_recipient_can_still_say_how_it_was() -> None:
    told = Told()
    then = accepted(told).given(
        told("referral.outcome_reported_by_sender"),
        told("referral.outcome_recorded", outcome="not-delivered", reason="no-show", outputs=[]),
    )
    assert (only(then).heard, only(then).outcome, only(then).status) == ("delivered", "not-delivered", "failed")


@pytest.mark.parametrize(
    ("who", "refused"), [("shelter", Refused("not-permitted")), ("stranger", Refused("unknown-subject", "offer"))]
)
def test_only_the_sender_hears(who: str, refused: Refused) -> None:
    told = Told()
    event = told("referral.outcome_reported_by_sender", source=partner(who))
    assert offered(told).when(event) == refused
