"""Which classes can be asked at once, whom of them that reaches, and what a consent for them says."""

from typing import Any

import pytest

from projections.referral.state import Consent
from services.admission.standing import Member, Service, Standing
from services.gateway.pages.whom import Several, first_of, several
from tests.support.events import NOON

SENDER, CLASS = "clinic", "food-bank"


def standing(**services: tuple[str, bool]) -> Standing:
    """Return partners of one class, each with a service: its programme class, and whether it takes referrals."""
    found = Standing(protected=frozenset({"substance-use"}))
    for name, (programme, takes) in services.items():
        found.take_member(name, Member(True, True, name.startswith("counting"), (CLASS,), ()))
        found.services[name] = Service(name, takes, programme, None)
    return found


def offered(found: Standing, *names: str) -> list[dict[str, Any]]:
    return [{"id": name, "partner": name, "programme_class": found.services[name].programme_class} for name in names]


def asked(found: Standing, *names: str) -> Several:
    """Return the one class of which these offer what is needed."""
    [only] = several(found, offered(found, *names), SENDER)
    return only


GENERAL = ("general", True)
THREE = {"pantry": GENERAL, "kitchen": ("health", True), "larder": ("legal", False)}


def test_members_are_named_with_those_first_who_offer_what_is_needed() -> None:
    found = asked(standing(**THREE, clinic=GENERAL, counting=GENERAL), "pantry", "kitchen")
    assert (list(found.members), found.fitting) == (["kitchen", "pantry", "larder"], ["kitchen", "pantry"])
    # Whoever is not named is left out by name: the sender, who counts alone, and who fits and is not wanted.
    whom = first_of(found, ["pantry"], "food")
    assert whom.agreed == {
        "recipients": {"classes": [CLASS]},
        "except_recipients": ["clinic", "counting", "kitchen", "larder"],
    }
    assert (whom.addressed, whom.programmes) == (
        {"to_class": CLASS, "service_id": "own:page-food-bank-food"},
        ("general",),
    )


@pytest.mark.parametrize(
    ("services", "fitting"),
    [
        ({"pantry": GENERAL}, ["pantry"]),
        ({"pantry": GENERAL, "clinic": GENERAL}, ["pantry", "clinic"]),
        ({"pantry": GENERAL, "counting": GENERAL}, ["pantry", "counting"]),
        ({"pantry": GENERAL, "kitchen": GENERAL, "larder": ("substance-use", False)}, ["pantry", "kitchen"]),
    ],
)
def test_what_is_no_class_to_be_asked(services: dict[str, tuple[str, bool]], fitting: list[str]) -> None:
    found = standing(**services)
    assert several(found, offered(found, *fitting), SENDER) == []


@pytest.mark.parametrize(
    ("changed", "reached"),
    [
        # Whoever takes no referrals at present may do so before it is claimed.
        ({}, ["kitchen", "pantry", "larder"]),
        ({"except_recipients": ("kitchen",)}, ["pantry", "larder"]),
        ({"programme_classes": ("general",)}, ["pantry", "larder"]),
        ({"class_members": (), "partners": ("pantry",)}, ["pantry"]),
    ],
)
def test_consent_says_whom_it_reaches(changed: dict[str, Any], reached: list[str]) -> None:
    found = asked(standing(**THREE), "pantry", "kitchen")
    said = {"purposes": ("referral",), "data_classes": ("contact",), "class_members": tuple(THREE)}
    agreed = Consent(**{"id": "c", "redisclosure": "none", "valid_from": NOON, **said, **changed})
    assert found.reached(agreed, found.asks("referral", ("contact",))) == reached
