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
    client = then.state("client")
    assert (client.serving, client.served_by) == (("shelter",), (1,))


ERROR = "referral.entered_in_error"


@pytest.mark.parametrize(("name", "data"), CLAIMS)
def test_an_acceptance_that_was_an_error_gives_no_voice_any_more(name: str, data: dict[str, Any]) -> None:
    told = Told()
    then = offered(told).given(told("referral.offer_accepted"), told(ERROR))
    assert then.when(told(name, source=partner("shelter"), **data)) == Refused("not-permitted")
    assert (then.state("client").serving, then.state("client").served_by) == ((), ())


def test_what_was_never_accepted_takes_no_voice_away() -> None:
    told = Told()
    second = {"offer_id": ident("b"), "service_id": ident("b")}
    then = offered(told).given(told("referral.offer_accepted"), told("referral.offer_sent", **second))
    then.given(told(ERROR, offer_id=ident("b")))
    assert then.state("client").serving == ("shelter",)


def test_another_acceptance_keeps_the_voice_until_it_was_an_error_too() -> None:
    told = Told()
    second = {"offer_id": ident("b"), "service_id": ident("b")}
    then = offered(told).given(
        told("referral.offer_accepted"),
        told("referral.offer_sent", **second),
        told("referral.offer_accepted", offer_id=ident("b")),
        told(ERROR),
    )
    assert (then.state("client").serving, then.state("client").served_by) == (("shelter",), (1,))
    assert then.given(told(ERROR, offer_id=ident("b"))).state("client").serving == ()


def test_whoever_enrolled_the_person_serves_them_whatever_came_before() -> None:
    told = Told()
    then = offered(told).given(
        told("referral.offer_accepted"), told("episode.enrolled", source=partner("shelter")), told(ERROR)
    )
    assert then.state("client").serving == ("shelter",)
    then.given(told("episode.entered_in_error", source=partner("shelter")))
    assert then.state("client").serving == ()


def test_whoever_registered_the_person_serves_them_for_good() -> None:
    told = Told()
    clinic = {"source": partner("clinic")}
    then = offered(told).given(told("episode.enrolled", **clinic), told("episode.entered_in_error", **clinic))
    assert then.state("client").serving == ()
    assert then.when(told("consent.revoked")) == APPLIED
