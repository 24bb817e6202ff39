"""Offers that their sender prepares: nobody else hears of them, and sending takes them up."""

from typing import Any

import pytest

from projections.referral.state import Draft
from projections.ruling import Refused
from tests.support.events import NOON, OFFER, SERVICE, Told, ident, partner
from tests.unit.projections.referral.beginnings import SENT, asked, offered, only, standing

DRAFT = Draft(id=OFFER, drafted=NOON, recipient="shelter", service=SERVICE)
NOTHING_LEGAL = "entered-in-error; legal now: nothing"


def test_a_draft_stands_beside_the_offers_and_moves_nothing() -> None:
    told = Told()
    then = asked(told).given(told("referral.offer_drafted", recipient="shelter", service_id=SERVICE))
    referral = then.state("referral")
    assert (referral.drafts, referral.offers) == ((DRAFT,), ())
    assert then.state("client").open_offers == ()
    assert standing(then) == ("draft", "not-opened")


def test_sending_takes_the_draft_up() -> None:
    told = Told()
    then = asked(told).given(told("referral.offer_drafted"), told("referral.offer_sent"))
    referral = then.state("referral")
    assert (referral.drafts, referral.offers) == ((), (SENT,))


def test_a_draft_needs_no_consent_but_sending_it_does() -> None:
    told = Told()
    then = asked(told).given(told("consent.revoked"), told("referral.offer_drafted"))
    assert then.when(told("referral.offer_sent")) == Refused("consent-missing", "ended")
    assert [draft.discarded for draft in then.state("referral").drafts] == [False]


def test_a_discarded_draft_stays_and_its_id_is_used() -> None:
    told = Told()
    then = asked(told).given(told("referral.offer_drafted", recipient="shelter", service_id=SERVICE))
    then.given(told("referral.offer_discarded"))
    (draft,) = then.state("referral").drafts
    assert draft == Draft(id=OFFER, drafted=NOON, recipient="shelter", service=SERVICE, discarded=True)
    assert draft.status == "entered-in-error"
    assert then.when(told("referral.offer_discarded")) == Refused("illegal-transition", NOTHING_LEGAL)
    assert then.when(told("referral.offer_sent")) == Refused("illegal-transition", NOTHING_LEGAL)
    assert then.when(told("referral.offer_drafted")) == Refused("already-exists", "offer")


def test_what_was_sent_is_recalled_and_not_discarded() -> None:
    told = Told()
    then = offered(told)
    refused = then.when(told("referral.offer_discarded"))
    assert isinstance(refused, Refused)
    assert refused.code == "illegal-transition"
    then.given(told("referral.offer_recalled"))
    assert (only(then).status, only(then).detail, only(then).closed, only(then).reason) == (
        "cancelled",
        "recalled",
        NOON,
        "sent-by-mistake",
    )
    assert then.state("client").open_offers == ()


@pytest.mark.parametrize("name", ["offer_drafted", "offer_discarded"])
@pytest.mark.parametrize("who", ["shelter", "stranger"])
def test_only_the_sender_prepares(name: str, who: str) -> None:
    told = Told()
    then = asked(told)
    assert then.when(told(f"referral.{name}", source=partner(who))) == Refused("not-permitted")


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ({"offer_id": ident("no such draft")}, Refused("unknown-subject", "offer")),
        ({"subject": ident("no such need")}, Refused("unknown-subject", "referral")),
    ],
)
def test_only_what_is_there_is_discarded(said: dict[str, Any], refused: Refused) -> None:
    told = Told()
    then = asked(told).given(told("referral.offer_drafted"))
    assert then.when(told("referral.offer_discarded", **said)) == refused


def test_drafts_and_offers_of_a_need_are_bounded_together() -> None:
    told = Told()
    then = asked(told).given(told("referral.offer_sent"))
    for number in range(49):
        then.given(told("referral.offer_drafted", offer_id=ident(f"d{number}")))
    assert then.when(told("referral.offer_drafted", offer_id=ident("last"))) == Refused("too-many", "offers")
