"""No answer tells whoever did not record a consent that speaks of a protected programme whom it names."""

from typing import Any

import pytest

from events.authority import CLIENT_LINK
from events.catalogue import Event
from projections.referral import REFERRAL
from projections.referral.rules import UNTOLD
from projections.ruling import APPLIED, Refused
from tests.support.events import RECIPIENT, Told, ident, partner
from tests.support.story import History

PRIVATE: dict[str, Any] = {
    "recipients": {"partners": [RECIPIENT, "refuge"]},
    "programme_classes": ["general", "substance-use"],
    "admitted": {"protected": True},
}
DUE = "2026-12-09T12:00:00Z"
OTHER: dict[str, Any] = {"source": partner(RECIPIENT), "subject": ident("their need")}
NAMED, STRANGER = "refuge", "pantry"


def taken(told: Told, consent: dict[str, Any], at: Any = UNTOLD) -> History:
    """A person whom the recipient took on under the consent, and for whom it asks on."""
    general = {"programme_class": "general", "protected": False}
    return History(REFERRAL, at).given(
        told("client.registered"),
        told("consent.granted", **consent),
        told("referral.requested"),
        told("referral.offer_sent", respond_by=DUE, admitted=general),
        told("referral.offer_accepted"),
        told("referral.requested", **OTHER),
    )


def guess(told: Told, whom: str | None, **changed: Any) -> Event:
    about = {"offer_id": ident("theirs"), "service_id": ident("another"), "recipient": whom, "respond_by": DUE}
    return told("referral.offer_sent", **OTHER, **about, **{"admitted": {"protected": False}, **changed})


@pytest.mark.parametrize("protected", [True, False])
@pytest.mark.parametrize("whom", [NAMED, STRANGER])
def test_an_offer_by_another_has_one_answer_whomever_it_asks(whom: str, protected: bool) -> None:
    told = Told()
    looked_up = {"programme_class": "substance-use" if protected else "general", "protected": protected}
    assert taken(told, PRIVATE).when(guess(told, whom, admitted=looked_up)) == Refused("consent-missing")


def test_nor_does_an_offer_to_a_class_tell() -> None:
    told = Told()
    asked = guess(told, None, to_class="housing", admitted={"protected": False, "class_members": []})
    assert taken(told, PRIVATE).when(asked) == Refused("consent-missing")


def test_without_the_rule_the_answer_tells_who_is_named() -> None:
    told = Told()
    then = taken(told, PRIVATE, UNTOLD.replace(day=28))
    general = {"programme_class": "general", "protected": False}
    assert then.when(guess(told, STRANGER, admitted=general)) == Refused("consent-does-not-cover", "recipient")
    assert then.when(guess(told, NAMED, admitted=general)) == APPLIED


@pytest.mark.parametrize(
    "said",
    [
        {"recipients": {"partners": [NAMED]}},
        {"recipients": {"partners": [STRANGER]}},
        {"except_recipients": [NAMED]},
        {"except_recipients": [STRANGER]},
        {"programme_classes": ["substance-use"]},
        {"programme_classes": ["domestic-violence"]},
    ],
)
def test_what_another_leaves_out_has_one_answer_too(said: dict[str, Any]) -> None:
    told = Told()
    then = taken(told, PRIVATE)
    assert then.when(told("consent.narrowed", source=partner(RECIPIENT), **said)) == Refused("not-permitted")


def test_another_may_shorten_and_end_it() -> None:
    told = Told()
    theirs = partner(RECIPIENT)
    shorter = told("consent.narrowed", source=theirs, expires_at=DUE)
    taken(told, PRIVATE).given(shorter, told("consent.revoked", source=theirs))


@pytest.mark.parametrize("source", [partner("clinic"), f"{CLIENT_LINK}x"])
def test_its_recorder_and_the_person_leave_out_whom_they_mean(source: str) -> None:
    told = Told()
    taken(told, PRIVATE).given(told("consent.narrowed", source=source, except_recipients=[NAMED]))


@pytest.mark.parametrize(
    "consent",
    [
        PRIVATE | {"programme_classes": []},
        PRIVATE | {"admitted": {"protected": False}},
    ],
)
def test_where_no_programme_is_protected_others_build_on_it(consent: dict[str, Any]) -> None:
    told = Told()
    general = {"programme_class": "general", "protected": False}
    assert taken(told, consent).when(guess(told, NAMED, admitted=general)) == APPLIED


def test_programmes_that_nobody_looked_up_count_as_protected() -> None:
    told = Told()
    then = taken(told, PRIVATE | {"admitted": {}})
    assert then.when(guess(told, NAMED)) == Refused("consent-missing")
