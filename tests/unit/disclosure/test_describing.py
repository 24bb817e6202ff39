"""Disclosures in words: nothing that is put on record stays a bare code."""

from typing import get_args

from events.catalogue import DisclosureEvent, short, type_of
from events.disclosure import Refused
from events.referral import OfferClaimed, OfferSent
from projections.referral.sealed import SEALED_FIELDS
from services.disclosure.account import SENT
from services.disclosure.describing import DID, FIELDS, Labels, told
from services.disclosure.offers import OPENLY
from tests.support.disclosed import offered, opened

LABELS = Labels({"care": "Treatment and care"}, {"contact": "How to reach the person"}, {"clinic": "Clinic"})


def test_every_sealed_field_has_words() -> None:
    assert {name for names in SEALED_FIELDS.values() for name in names} <= FIELDS.keys()


def test_every_kind_of_disclosure_has_words() -> None:
    kinds = {short(type_of(each)) for each in get_args(DisclosureEvent) if each is not Refused}
    assert kinds | {short(type_of(OfferSent)), short(type_of(OfferClaimed))} == DID.keys()
    assert short(type_of(OfferSent)) == SENT


def test_what_a_class_is_shown_has_words() -> None:
    assert set(OPENLY) <= FIELDS.keys()


def test_a_description_says_what_and_what_for() -> None:
    line = opened(fields=("status", "later"))
    assert told(line, LABELS) == "Shown: how the referral stands; later. For: Treatment and care."


def test_an_offer_is_told_by_what_it_held_and_that_it_was_a_mistake() -> None:
    sent = "Sent with an offer: How to reach the person; health. For: Treatment and care."
    assert told(offered(fields=("contact", "health")), LABELS) == sent
    assert told(offered(fields=("contact", "health"), in_error=True), LABELS) == f"{sent} It was sent in error."


def test_an_offer_to_a_class_does_not_say_whose_need_it_is() -> None:
    line = offered(fields=OPENLY, to_class="clinic")
    assert told(line, LABELS).startswith("Shown to whoever of a class could claim an offer, without whose need it is:")
