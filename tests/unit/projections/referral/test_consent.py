"""What a consent is, whom and what it covers, and who may give one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec import structs

from projections.referral import REFERRAL
from projections.referral.consent import Ask, lapsed, uncovered
from projections.referral.state import Consent
from projections.ruling import APPLIED, Refused
from tests.support.events import CONSENT, NOON, Told, ident, system
from tests.support.story import History

DAY = timedelta(days=1)
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
            by="clinic",
            guarded=True,
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


@pytest.mark.parametrize(
    "said",
    [
        {"recipients": {"partners": ["clinic"]}},
        {"except_recipients": ["shelter"]},
        {"recipients": {"classes": ["health"]}, "admitted": {"class_members": ["clinic"]}},
    ],
)
def test_a_partner_cannot_narrow_a_consent_to_itself_alone(said: dict[str, Any]) -> None:
    told = Told()
    both = {"partners": ["clinic", "shelter"], "classes": ["health", "shelter"]}
    members = {"class_members": ["clinic", "shelter"]}
    then = registered(told).given(told("consent.granted", recipients=both, admitted=members))
    assert then.when(told("consent.narrowed", **said)) == Refused("self-consent")
    by_link = told("consent.narrowed", source="urn:manyhands:client-link:x", **said)
    assert then.when(by_link) == APPLIED


def test_what_the_client_gave_to_one_partner_alone_it_may_narrow() -> None:
    told = Told()
    alone = {"partners": ["clinic"]}
    then = registered(told).given(
        told("consent.granted", source="urn:manyhands:client-link:x", recipients=alone, data_classes=["need"])
    )
    assert then.when(told("consent.narrowed", expires_at="2026-04-01T00:00:00Z")) == APPLIED


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
