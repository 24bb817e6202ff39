"""Partners, services and roles that end, and partners that come back."""

from datetime import timedelta
from typing import Literal

import pytest

from projections.initiative.reading import holds, speaks_of_clients
from projections.initiative.state import Absence
from projections.ruling import Refused
from tests.support.events import NOON, SERVICE, ident
from tests.unit.projections.initiative.test_rules import REGISTRAR, SECOND, Registrar, by_clinic, joined, of

SHELTER = {"subject": "shelter"}


@pytest.mark.parametrize("how", ["left", "suspended"])
def test_a_partner_that_takes_no_part_is_known_since_it_was_recorded(how: Literal["left", "suspended"]) -> None:
    told = Registrar()
    then = joined(told).given(told("partner.agreement_signed"))
    before = then.now
    then.given(told(f"partner.{how}"))
    clinic = of(then, "partner", "clinic")
    assert clinic.absence == Absence(how=how, since=NOON, recorded=before + timedelta(minutes=1))
    assert not clinic.active
    assert not speaks_of_clients(clinic)


@pytest.mark.parametrize("name", ["left", "suspended"])
def test_it_says_nothing_of_itself_until_it_is_reinstated(name: str) -> None:
    told = Registrar()
    then = joined(told).given(told(f"partner.{name}"))
    assert then.when(by_clinic("profile_changed", told)) == Refused("not-permitted", name)
    then.given(told("partner.reinstated"), by_clinic("profile_changed", told))
    clinic = of(then, "partner", "clinic")
    assert (clinic.active, clinic.absence) == (True, None)


def test_who_is_suspended_may_leave_and_who_left_is_gone() -> None:
    told = Registrar()
    then = joined(told)
    assert then.when(told("partner.reinstated")) == Refused("illegal-transition", "it takes part")
    then.given(told("partner.suspended"))
    assert then.when(told("partner.suspended")) == Refused("illegal-transition", "suspended")
    then.given(told("partner.left"))
    assert then.when(told("partner.left")) == Refused("illegal-transition", "left")
    assert then.when(told("partner.suspended")) == Refused("illegal-transition", "left")


@pytest.mark.parametrize("name", ["left", "suspended"])
def test_the_backbone_stays(name: str) -> None:
    told = Registrar()
    assert joined(told).when(told(f"partner.{name}", subject="backbone")) == Refused(
        "illegal-transition", "the backbone"
    )


def test_another_that_takes_part_carries_on_until_it_comes_back() -> None:
    told = Registrar()
    then = joined(told).given(told("partner.left"))
    assert then.when(told("partner.succeeded_by")) == Refused("unknown-subject", "successor")
    then.given(told("partner.joined", **SHELTER))
    assert then.when(told("partner.succeeded_by", **SHELTER)) == Refused("illegal-transition", "the successor")
    assert then.when(told("partner.succeeded_by", successor="clinic", **SHELTER)) == Refused(
        "illegal-transition", "the successor"
    )
    then.given(told("partner.succeeded_by"))
    assert of(then, "partner", "clinic").successor == "shelter"
    then.given(told("partner.reinstated"))
    assert of(then, "partner", "clinic").successor is None


def test_a_retired_service_is_spoken_of_no_more() -> None:
    told = Registrar()
    then = joined(told)
    assert then.when(by_clinic("service_retired", told)) == Refused("unknown-subject", "service")
    then.given(by_clinic("service_published", told), by_clinic("service_retired", told))
    service = of(then, "service", SERVICE)
    assert (service.accepts_referrals, service.retired) == (False, NOON)
    for name in ("service_changed", "capacity_reported", "service_retired"):
        assert then.when(by_clinic(name, told)) == Refused("illegal-transition", "retired")
    assert then.when(by_clinic("service_published", told)) == Refused("already-exists", "service")


def test_a_role_ends_that_is_held() -> None:
    told = Registrar()
    then = joined(told)
    assert then.when(told("partner.role_ended")) == Refused("unknown-subject", "role")
    then.given(told("partner.role_assigned"), told("partner.role_assigned", role="auditor"), told("partner.role_ended"))
    person = of(then, "person", ident("person"))
    assert (holds(person, "clinic", "staff"), holds(person, "clinic", "auditor")) == (False, True)


def test_there_is_always_a_registrar() -> None:
    told = Registrar()
    role = {"subject": "backbone", "role": "registrar"}
    then = joined(told).given(told("partner.role_assigned", person_id=SECOND, **role))
    own = told("partner.role_ended", person_id=REGISTRAR, **role)
    assert then.when(own) == Refused("not-permitted", "their own role")
    then.given(told("partner.role_ended", person_id=SECOND, **role))
    assert then.when(told("partner.role_ended", actor=SECOND, person_id=REGISTRAR, **role)) == Refused("not-registrar")
