from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec import structs

from projections.referral import REFERRAL
from projections.referral.consent import Ask, lapsed, uncovered
from projections.referral.state import Consent
from projections.ruling import APPLIED, Refused
from tests.support.events import CONSENT, NOON, OFFER, Told, ident, system
from tests.support.story import History

DAY = timedelta(days=1)
NETWORK = {"recipients": {"networks": ["county"]}, "admitted": {"network_members": ["shelter", "pantry"]}}
CLASS = {"recipients": {"classes": ["housing"]}, "admitted": {"class_members": ["shelter", "pantry"]}}

CONSENT_STATE = Consent(
    id=CONSENT,
    partners=("shelter",),
    class_members=("clinic",),
    network_members=("pantry", "school"),
    except_recipients=("school",),
    purposes=("coordination",),
    data_classes=("contact", "need"),
    programme_classes=("general", "substance-use"),
    names_programmes=True,
    redisclosure="none",
    valid_from=NOON - DAY,
    expires_at=NOON + DAY,
)
ASK = Ask("shelter", "coordination", ("contact",), "general", protected=False)


def registered(told: Told) -> History:
    return History(REFERRAL).given(told("client.registered"))


def offered(told: Told, **consent: Any) -> History:
    return registered(told).given(
        told("consent.granted", **consent), told("referral.requested"), told("referral.offer_sent")
    )


@pytest.mark.parametrize(
    ("changed", "at", "why"),
    [
        ({}, NOON, None),
        ({}, NOON - DAY, None),
        ({}, NOON - 2 * DAY, "not-yet-valid"),
        ({}, NOON + DAY, "expired"),
        ({"expires_at": None}, NOON + 900 * DAY, None),
        ({"ended": "revoked"}, NOON, "ended"),
        ({"unread": True}, NOON, "unread"),
        ({"by_guardian": True}, NOON, "guardian-ended"),
        ({"by_guardian": True, "guardian_until": NOON}, NOON, "guardian-ended"),
        ({"by_guardian": True, "guardian_until": NOON + DAY}, NOON, None),
    ],
)
def test_a_consent_is_in_force_for_its_time(changed: dict[str, Any], at: datetime, why: str | None) -> None:
    assert lapsed(structs.replace(CONSENT_STATE, **changed), at) == why


@pytest.mark.parametrize(
    ("ask", "part"),
    [
        ({}, None),
        ({"recipient": "clinic"}, None),
        ({"recipient": "pantry"}, None),
        ({"recipient": "school"}, "recipient"),
        ({"recipient": "stranger"}, "recipient"),
        ({"purpose": "research"}, "purpose"),
        ({"data_classes": ("contact", "health")}, "data-classes"),
        ({"programme_class": "other"}, "programme-class"),
        ({"programme_class": None}, "programme-class"),
        ({"programme_class": "substance-use", "protected": True}, None),
        ({"programme_class": "substance-use", "protected": True, "recipient": "clinic"}, None),
        ({"programme_class": "substance-use", "protected": True, "recipient": "pantry"}, "protected-programme"),
        ({"programme_class": "domestic-violence", "protected": True}, "protected-programme"),
    ],
)
def test_a_consent_covers_what_it_names(ask: dict[str, Any], part: str | None) -> None:
    assert uncovered(CONSENT_STATE, replace(ASK, **ask)) == part


def test_a_consent_that_names_no_programme_covers_all_but_protected_ones() -> None:
    plain = structs.replace(CONSENT_STATE, programme_classes=(), names_programmes=False)
    assert uncovered(plain, replace(ASK, programme_class="other")) is None
    assert uncovered(plain, replace(ASK, programme_class=None)) is None
    assert uncovered(plain, replace(ASK, programme_class="other", protected=True)) == "protected-programme"


def test_a_protected_programme_must_be_named_at_the_grant_not_at_the_narrowing() -> None:
    told = Told()
    then = registered(told).given(
        told("consent.granted"),
        told("consent.narrowed", programme_classes=["substance-use"]),
        told("referral.requested"),
    )
    sent = told("referral.offer_sent", admitted={"programme_class": "substance-use", "protected": True})
    assert then.when(sent) == Refused("consent-does-not-cover", "protected-programme")


@pytest.mark.parametrize("programme", ["general", None])
def test_what_nobody_looked_up_counts_as_protected(programme: str | None) -> None:
    told = Told()
    then = registered(told).given(told("consent.granted"), told("referral.requested"))
    sent = told("referral.offer_sent", admitted={"programme_class": programme, "protected": None})
    assert then.when(sent) == Refused("consent-does-not-cover", "protected-programme")


def test_a_grant_is_kept_as_it_was_given() -> None:
    told = Told()
    then = registered(told).given(
        told(
            "consent.granted",
            **CLASS,
            except_recipients=["pantry"],
            programme_classes=["general"],
            subject_capacity="guardian",
            guardian_until="2030-01-01T00:00:00+01:00",
            hidden_from_guardian=True,
            expires_at="2027-01-01T00:00:00Z",
        )
    )
    assert then.state("client").consents == (
        Consent(
            id=CONSENT,
            classes=("housing",),
            class_members=("shelter", "pantry"),
            except_recipients=("pantry",),
            purposes=("coordination",),
            data_classes=("contact", "need"),
            programme_classes=("general",),
            names_programmes=True,
            by_guardian=True,
            guardian_until=datetime(2029, 12, 31, 23, tzinfo=UTC),
            hidden_from_guardian=True,
            redisclosure="none",
            valid_from=datetime(2026, 1, 1, tzinfo=UTC),
            expires_at=datetime(2027, 1, 1, tzinfo=UTC),
        ),
    )


@pytest.mark.parametrize(
    "said",
    [
        {"recipients": {"partners": ["clinic"]}},
        {"recipients": {"partners": ["clinic", "shelter"]}, "except_recipients": ["shelter"]},
        {"recipients": {"classes": ["health"]}, "admitted": {"class_members": ["clinic"]}},
        {"recipients": {"networks": ["county"]}, "admitted": {"network_members": ["clinic"]}},
    ],
)
def test_a_partner_cannot_record_consent_for_itself_alone(said: dict[str, Any]) -> None:
    told = Told()
    assert registered(told).when(told("consent.granted", **said)) == Refused("self-consent")


def test_a_client_may_consent_to_one_partner_and_a_partner_to_itself_among_others() -> None:
    told = Told()
    by_link = told("consent.granted", source="urn:manyhands:client-link:x", recipients={"partners": ["clinic"]})
    among = told("consent.granted", consent_id=ident("b"), recipients={"partners": ["clinic", "shelter"]})
    registered(told).given(by_link, among)


@pytest.mark.parametrize("name", ["granted", "narrowed", "revoked", "entered_in_error"])
def test_consent_comes_from_a_partner_or_the_client(name: str) -> None:
    told = Told()
    then = registered(told)
    if name != "granted":
        then.given(told("consent.granted"))
    for source in (system("timekeeper"), "urn:manyhands:link:x"):
        assert then.when(told(f"consent.{name}", source=source)) == Refused("not-permitted")
    assert then.when(told(f"consent.{name}", source="urn:manyhands:client-link:x")) == APPLIED


def test_a_consent_id_is_used_once_and_their_number_is_bounded() -> None:
    told = Told()
    then = registered(told).given(told("consent.granted"))
    assert then.when(told("consent.granted")) == Refused("already-exists", "consent")
    then.given(*(told("consent.granted", consent_id=ident(str(number))) for number in range(99)))
    assert then.when(told("consent.granted", consent_id=ident("one more"))) == Refused("too-many", "consents")


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
