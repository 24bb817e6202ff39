"""Disclosures in words: nothing that is put on record stays a bare code."""

from typing import get_args

from events.catalogue import DisclosureEvent, short, type_of
from events.disclosure import Refused
from projections.referral.sealed import SEALED_FIELDS
from services.disclosure.describing import DID, FIELDS, described


def test_every_sealed_field_has_words() -> None:
    assert {name for names in SEALED_FIELDS.values() for name in names} <= FIELDS.keys()


def test_every_kind_of_disclosure_has_words() -> None:
    kinds = {short(type_of(each)) for each in get_args(DisclosureEvent) if each is not Refused}
    assert kinds == DID.keys()


def test_a_description_says_what_and_what_for() -> None:
    assert described("disclosure.opened", ["status", "later"], "Treatment and care") == (
        "Shown: how the referral stands; later. For: Treatment and care."
    )
