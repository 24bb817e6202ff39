"""Offers to a class: the first member that the consent covers takes it on, and nobody else."""

from typing import Any

import pytest

from projections.referral import REFERRAL
from projections.referral.rules import OPENED
from projections.referral.state import Client, Offer, OpenOffer
from projections.ruling import APPLIED, Refused
from tests.support.events import CLIENT, CONSENT, NOON, OFFER, SERVICE, Told, ident, partner
from tests.support.events import REFERRAL as REFERRAL_ID
from tests.support.story import History
from tests.unit.projections.referral.beginnings import CLASS, DUE, MINUTE, TO_CLASS, claim, only, opened

OPEN = Offer(
    id=OFFER,
    recipient="",
    to_class="housing",
    members=("shelter", "pantry"),
    service=SERVICE,
    status="requested",
    detail="sent",
    consent=CONSENT,
    purpose="coordination",
    data_classes=("contact",),
    respond_by=DUE,
    sent=NOON,
)
OTHER = ident("service of the shelter")
#: What whoever may not know of an offer hears, as if there were none.
UNSEEN = Refused("unknown-subject", "offer")
#: What else a partner might try to say of it.
SPOKEN = ("offer_viewed", "offer_accepted", "offer_declined", "withdrawn", "offer_recalled", "client_answered")


def test_an_offer_to_a_class_has_no_recipient() -> None:
    then = opened(Told())
    assert only(then) == OPEN
    assert then.state("client").open_offers == (OpenOffer(OFFER, REFERRAL_ID, SERVICE, "", CONSENT),)
    row = then.row("referral")
    assert (row["recipient"], row["to_class"], row["status"]) == (None, "housing", "requested")


def test_the_claimer_becomes_the_recipient_with_its_own_service() -> None:
    told = Told()
    then = opened(told).given(claim(told, service_id=OTHER, expected_by=DUE, admitted={"min_attempts": 1}))
    assert only(then) == Offer(
        id=OFFER,
        recipient="shelter",
        to_class="housing",
        members=("shelter", "pantry"),
        service=OTHER,
        status="accepted",
        detail="claimed",
        consent=CONSENT,
        purpose="coordination",
        data_classes=("contact",),
        programme_class="general",
        min_attempts=1,
        respond_by=DUE,
        expected_by=DUE,
        start_by=DUE,
        sent=NOON,
        responded=NOON,
        accepted=NOON,
        promises=1,
    )
    client: Client = then.state("client")
    assert client.open_offers == (OpenOffer(OFFER, REFERRAL_ID, OTHER, "shelter", CONSENT),)
    assert (client.serving, client.last) == (("shelter",), OPENED + 5 * MINUTE)
    row = then.row("referral")
    assert (row["recipient"], row["to_class"], row["service"]) == ("shelter", None, OTHER)


def test_the_first_claim_counts_and_a_second_member_hears_so() -> None:
    told = Told()
    then = opened(told).given(claim(told))
    assert then.when(claim(told, "pantry")) == Refused("already-claimed")
    assert then.when(claim(told, "stranger", classes=("food",))) == UNSEEN
    then.given(told("referral.outcome_recorded"))
    assert then.when(claim(told, "pantry")) == Refused("already-claimed")
    assert only(then).recipient == "shelter"


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ({"who": "stranger", "classes": ("food",)}, UNSEEN),
        ({"who": "shelter", "classes": ()}, UNSEEN),
        ({"who": "newcomer"}, UNSEEN),
        ({"who": "clinic", "classes": ()}, Refused("not-your-offer")),
        ({"admitted": {"programme_class": "substance-use", "protected": True}}, "protected-programme"),
        ({"admitted": {"protected": None}}, "protected-programme"),
        ({"offer_id": ident("no such offer")}, UNSEEN),
        ({"subject": ident("no such need")}, Refused("unknown-subject", "referral")),
    ],
)
def test_a_claim_is_by_a_member_whom_the_consent_covers(said: dict[str, Any], refused: Refused | str) -> None:
    told = Told()
    expected = Refused("consent-does-not-cover", refused) if isinstance(refused, str) else refused
    assert opened(told).when(claim(told, **said)) == expected


@pytest.mark.parametrize("source", ["urn:manyhands:link:x", "urn:manyhands:system:timekeeper"])
def test_only_a_partner_claims(source: str) -> None:
    told = Told()
    then = opened(told)
    looked_up = {"recipient_classes": ["housing"], "on_behalf": "shelter"}
    by_link = told("referral.offer_claimed", source=source, admitted=looked_up)
    assert then.when(by_link) == Refused("not-your-offer")
    then.given(claim(told))
    assert then.when(by_link) == Refused("not-your-offer")


def test_consent_is_judged_again_at_the_claim() -> None:
    told = Told()
    expires = (OPENED + 5 * MINUTE).isoformat()
    assert opened(told, expires_at=expires).when(claim(told)) == Refused("consent-missing", "expired")


def test_whom_a_class_stood_for_is_settled_by_the_consent_and_who_belongs_to_it_by_the_claim() -> None:
    told = Told()
    late = {"class_members": ["shelter", "pantry", "newcomer"]}
    then = History(REFERRAL, OPENED).given(
        told("client.registered"),
        told("consent.granted", **CLASS),
        told("referral.requested"),
        told("referral.offer_sent", **TO_CLASS | {"admitted": late}),
    )
    # It joined after the client agreed; the pantry left before it claimed.
    assert then.when(claim(told, "newcomer")) == UNSEEN
    assert then.when(claim(told, "pantry", classes=())) == UNSEEN
    assert then.when(claim(told, "shelter")) == APPLIED


def test_nobody_answers_what_nobody_claimed_and_what_is_asked_of_one_is_not_claimed() -> None:
    told = Told()
    then = opened(told)
    for name in ("offer_viewed", "offer_accepted", "offer_declined", "withdrawn"):
        assert then.when(told(f"referral.{name}")) == Refused("not-your-offer")
    direct = {"offer_id": ident("direct"), "recipient": "shelter", "service_id": ident("direct")}
    then.given(told("referral.offer_sent", **direct))
    assert then.when(claim(told, "pantry", offer_id=ident("direct"))) == UNSEEN
    assert then.when(claim(told, "shelter", offer_id=ident("direct"))) == Refused("not-your-offer")


@pytest.mark.parametrize(
    "said",
    [
        {"recipient": "shelter", "to_class": "housing"},
        {"recipient": None, "to_class": None},
    ],
)
def test_an_offer_names_a_partner_or_a_class_and_not_both(said: dict[str, Any]) -> None:
    told = Told()
    then = opened(told)
    again = told("referral.offer_sent", offer_id=ident("b"), service_id=ident("b"), **said)
    assert then.when(again) == Refused("recipient-missing")


@pytest.mark.parametrize(
    ("said", "part"),
    [
        ({"admitted": {"protected": True}}, "protected-programme"),
        ({"admitted": {"protected": None}}, "protected-programme"),
        ({"purpose": "research"}, "purpose"),
        ({"data_classes": ["health"]}, "data-classes"),
    ],
)
def test_what_would_be_shared_is_judged_when_the_class_is_asked(said: dict[str, Any], part: str) -> None:
    told = Told()
    then = opened(told).given(told("referral.offer_recalled"))
    again = TO_CLASS | {"offer_id": ident("b")} | said
    assert then.when(told("referral.offer_sent", **again)) == Refused("consent-does-not-cover", part)


def test_before_classes_could_be_asked_every_offer_named_its_recipient() -> None:
    told = Told()
    then = History(REFERRAL, OPENED - 5 * MINUTE).given(
        told("client.registered"), told("consent.granted", **CLASS), told("referral.requested")
    )
    sent = told("referral.offer_sent", **TO_CLASS)
    assert then.when(sent) == Refused("recipient-missing")
    assert then.when(sent) == APPLIED


def test_narrowing_ends_an_open_offer_only_by_what_would_be_shared() -> None:
    told = Told()
    then = opened(told).given(told("consent.narrowed", except_recipients=["shelter"]))
    assert (only(then).detail, only(then).members) == ("sent", ("pantry",))
    assert then.when(claim(told)) == UNSEEN
    then.given(told("consent.narrowed", data_classes=["need"]))
    assert (only(then).status, only(then).detail) == ("cancelled", "consent-revoked")


@pytest.mark.parametrize("before", [(), ("claimed",), ("offer_expired",), ("claimed", "outcome_recorded")])
def test_whom_the_person_left_out_hears_what_is_said_of_no_offer(before: tuple[str, ...]) -> None:
    """Also where the consent was narrowed once the offer had run out, or was claimed: its members are as they were."""
    told = Told()
    left_out = told("consent.narrowed", except_recipients=["pantry"])
    stands = [claim(told) if name == "claimed" else told(f"referral.{name}") for name in before]
    for events in ([left_out, *stands], [*stands, left_out]):
        then = opened(told).given(*events)
        for said in (claim(told, "pantry"), *(told(f"referral.{name}", source=partner("pantry")) for name in SPOKEN)):
            assert then.when(said) == UNSEEN


def test_whom_the_person_did_not_mean_hears_the_same_whatever_became_of_it() -> None:
    told = Told()
    then = opened(told, except_recipients=["pantry"])
    assert (only(then).members, then.when(claim(told, "pantry"))) == (("shelter",), UNSEEN)
    then.given(claim(told))
    assert then.when(claim(told, "pantry")) == UNSEEN


def test_who_is_left_out_is_told_apart_once_the_guard_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: by the other rules each state has a code of its own."""
    monkeypatch.setattr("projections.referral.rules.guard.in_sight", lambda *_: True)
    told = Told()
    then = opened(told, except_recipients=["pantry"])
    assert then.when(claim(told, "pantry")) == Refused("consent-does-not-cover", "recipient")
    then.given(claim(told))
    assert then.when(claim(told, "pantry")) == Refused("already-claimed")


def test_narrowing_leaves_the_referral_s_time_and_the_others_as_they_are() -> None:
    told = Told()
    then = opened(told)
    last = then.state("referral").last
    then.given(told("consent.narrowed", except_recipients=["pantry"]))
    assert then.state("referral").last == last
    assert then.when(claim(told)) == APPLIED


def test_a_claim_for_an_erased_client_hears_that_alone() -> None:
    told = Told()
    then = opened(told).given(claim(told), told("client.erased"))
    assert then.when(claim(told, "pantry")) == Refused("client-erased")
    assert then.when(claim(told, "stranger", classes=())) == Refused("client-erased")
    elsewhere = told("referral.outcome_reported_by_sender", subject=ident("no such need"))
    assert then.when(elsewhere) == Refused("client-erased")
    unknown = told("referral.offer_claimed", partitionkey=ident("nobody"), source=partner("pantry"))
    assert unknown.partitionkey != CLIENT
    assert then.when(unknown) == Refused("unknown-client")
