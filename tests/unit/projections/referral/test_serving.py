"""Only partners that serve a client speak for them: admission's alias alone is not enough.

An alias is given with an acceptance before a fold has judged it; a fold knows which acceptances stood.
"""

from typing import Any

import pytest

from projections.referral import REFERRAL
from projections.ruling import APPLIED, Refused
from tests.support.events import Told, ident, partner
from tests.support.story import History

CLAIMS: list[tuple[str, dict[str, Any]]] = [
    ("consent.granted", {"consent_id": ident("new"), "recipients": {"partners": ["bakery", "shelter"]}}),
    ("consent.narrowed", {"purposes": ["coordination"]}),
    ("consent.revoked", {}),
    ("consent.entered_in_error", {}),
    ("referral.requested", {"subject": ident("another need")}),
]


def offered(told: Told) -> History:
    first = ("client.registered", "consent.granted", "referral.requested", "referral.offer_sent")
    return History(REFERRAL).given(*(told(name) for name in first))


@pytest.mark.parametrize(("name", "data"), CLAIMS)
def test_a_recipient_that_has_not_accepted_does_not_speak_for_the_client(name: str, data: dict[str, Any]) -> None:
    told = Told()
    claim = told(name, source=partner("shelter"), **data)
    assert offered(told).when(claim) == Refused("not-permitted")


@pytest.mark.parametrize(("name", "data"), CLAIMS)
def test_an_acceptance_that_was_refused_gives_no_voice(name: str, data: dict[str, Any]) -> None:
    told = Told()
    then = offered(told).given(told("referral.offer_declined"))
    assert isinstance(then.when(told("referral.offer_accepted")), Refused)
    assert then.when(told(name, source=partner("shelter"), **data)) == Refused("not-permitted")


@pytest.mark.parametrize(("name", "data"), CLAIMS)
def test_a_recipient_that_accepted_speaks_for_the_client(name: str, data: dict[str, Any]) -> None:
    told = Told()
    then = offered(told).given(told("referral.offer_accepted"))
    assert then.when(told(name, source=partner("shelter"), **data)) == APPLIED


def test_an_acceptance_is_noted_once() -> None:
    told = Told()
    then = offered(told).given(told("referral.offer_accepted"))
    assert then.state("client").serving == ("shelter",)
