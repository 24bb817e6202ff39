"""How a consent is narrowed or ends, and what ends with it."""

from typing import Any

import pytest

from projections.referral import REFERRAL
from projections.ruling import Refused
from tests.support.events import NOON, OFFER, Told, ident
from tests.support.story import History

NETWORK = {"recipients": {"networks": ["county"]}, "admitted": {"network_members": ["shelter", "pantry"]}}


def registered(told: Told) -> History:
    return History(REFERRAL).given(told("client.registered"))


def offered(told: Told, **consent: Any) -> History:
    return registered(told).given(
        told("consent.granted", **consent), told("referral.requested"), told("referral.offer_sent")
    )


@pytest.mark.parametrize("name", ["narrowed", "revoked", "entered_in_error"])
def test_only_a_consent_that_is_there_can_change(name: str) -> None:
    told = Told()
    assert registered(told).when(told(f"consent.{name}")) == Refused("consent-missing")


def test_a_consent_ends_once_and_may_still_be_found_in_error() -> None:
    told = Told()
    then = registered(told).given(told("consent.granted"), told("consent.revoked"))
    assert then.when(told("consent.revoked")) == Refused("consent-missing", "ended")
    assert then.when(told("consent.narrowed")) == Refused("consent-missing", "ended")
    then.given(told("consent.entered_in_error"))
    assert then.when(told("consent.entered_in_error")) == Refused("consent-missing", "ended")
    assert then.state("client").consents[0].ended == "entered-in-error"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"recipients": {"partners": ["shelter", "stranger"]}}, "recipients"),
        ({"recipients": {"classes": ["housing"]}}, "recipients"),
        ({"recipients": {"networks": ["county"]}}, "recipients"),
        ({"except_recipients": []}, "except_recipients"),
        ({"purposes": ["coordination", "research"]}, "purposes"),
        ({"data_classes": ["health"]}, "data_classes"),
        ({"programme_classes": ["other"]}, "programme_classes"),
        ({"programme_classes": []}, "programme_classes"),
        ({"expires_at": "2028-01-01T00:00:00Z"}, "expires_at"),
    ],
)
def test_what_remains_lies_within_what_was_granted(said: dict[str, Any], field: str) -> None:
    told = Told()
    then = registered(told).given(
        told(
            "consent.granted",
            except_recipients=["school"],
            programme_classes=["general"],
            expires_at="2027-01-01T00:00:00Z",
        )
    )
    assert then.when(told("consent.narrowed", **said)) == Refused("not-narrower", field)


def test_one_reached_by_network_cannot_be_named_later() -> None:
    told = Told()
    then = registered(told).given(told("consent.granted", **NETWORK))
    named = told("consent.narrowed", recipients={"partners": ["shelter"]})
    assert then.when(named) == Refused("not-narrower", "recipients")


def test_members_stay_only_where_they_were_members_before() -> None:
    told = Told()
    then = registered(told).given(
        told(
            "consent.granted",
            recipients={"classes": ["housing", "food"]},
            admitted={"class_members": ["shelter", "pantry"]},
        ),
        told(
            "consent.narrowed",
            recipients={"classes": ["food"]},
            admitted={"class_members": ["pantry", "newcomer"]},
        ),
    )
    assert then.state("client").consents[0].class_members == ("pantry",)


@pytest.mark.parametrize("name", ["revoked", "entered_in_error"])
def test_the_end_of_a_consent_ends_what_relies_on_it(name: str) -> None:
    told = Told()
    other = ident("another consent")
    then = offered(told).given(
        told("consent.granted", consent_id=other),
        told("referral.offer_sent", offer_id=ident("b"), consent_id=other, service_id=ident("b")),
        told(f"consent.{name}"),
    )
    standing = [(offer.id, offer.status, offer.detail) for offer in then.state("referral").offers]
    assert standing == [(OFFER, "cancelled", "consent-revoked"), (ident("b"), "requested", "sent")]
    assert [held.offer for held in then.state("client").open_offers] == [ident("b")]


def test_two_offers_of_one_referral_end_together() -> None:
    told = Told()
    then = offered(told).given(
        told("referral.offer_sent", offer_id=ident("b"), service_id=ident("b")), told("consent.revoked")
    )
    assert {offer.status for offer in then.state("referral").offers} == {"cancelled"}
    assert then.state("client").open_offers == ()


def test_narrowing_ends_only_what_is_no_longer_covered() -> None:
    told = Told()
    then = offered(told, recipients={"partners": ["shelter", "pantry"]}).given(
        told("referral.offer_sent", offer_id=ident("b"), service_id=ident("b"), recipient="pantry"),
        told("consent.narrowed", recipients={"partners": ["pantry"]}),
    )
    standing = [(offer.recipient, offer.detail) for offer in then.state("referral").offers]
    assert standing == [("shelter", "consent-revoked"), ("pantry", "sent")]


def test_narrowing_to_a_time_that_is_over_ends_all_of_it() -> None:
    told = Told()
    then = offered(told).given(told("consent.narrowed", expires_at=NOON))
    assert then.state("referral").offers[0].detail == "consent-revoked"


def test_a_restriction_that_cannot_be_read_is_no_consent() -> None:
    told = Told()
    then = registered(told).given(told("consent.granted", only_on_mondays=True), told("referral.requested"))
    assert then.when(told("referral.offer_sent")) == Refused("consent-missing", "unread")


def test_a_narrowing_that_cannot_be_read_ends_what_relies_on_it() -> None:
    told = Told()
    then = offered(told).given(told("consent.narrowed", only_on_mondays=True))
    assert then.state("referral").offers[0].detail == "consent-revoked"


def test_a_closed_offer_is_left_as_it_ended() -> None:
    told = Told()
    then = offered(told).given(told("referral.offer_declined"), told("consent.revoked"))
    assert then.state("referral").offers[0].detail == "declined"


def test_the_reason_of_a_revocation_is_kept_with_the_offer() -> None:
    told = Told()
    then = offered(told)
    then.given(told("consent.revoked"))
    assert then.state("referral").offers[0].reason == "client-asked"
