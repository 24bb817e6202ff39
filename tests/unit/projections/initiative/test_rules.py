from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from events.authority import AUTHORITY, Who
from events.catalogue import NAMES, InitiativeEvent, type_of
from projections.initiative import INITIATIVE
from projections.initiative.state import (
    Agreement,
    Backfill,
    Capacity,
    Codelist,
    Initiative,
    Partner,
    Person,
    Policy,
    Role,
    Service,
)
from projections.ruling import APPLIED, Refused
from tests.support.events import NOON, SERVICE, Told, ident, partner, system
from tests.support.story import History

INIT = system("init")
REGISTRAR, SECOND = ident("registrar"), ident("second registrar")
CLINIC = Partner(
    name="The Clinic",
    sector="health",
    reporting="client-level",
    classes=("health-care",),
    networks=("county",),
    seats_of_lived_experience=2,
    joined=NOON,
)
NIGHTS = Service(
    partner="clinic",
    name="Night shelter",
    description=None,
    needs=("shelter",),
    areas=(),
    eligibility=None,
    accepts_referrals=True,
    programme_class="general",
    min_attempts=None,
    published=NOON,
)


class Registrar(Told):
    """Says things as a registrar of the backbone, when nothing else is said."""

    def __call__(self, name: str, /, **data: Any) -> Any:
        if "source" not in data and not name.startswith("initiative.opened"):
            data.setdefault("actor", REGISTRAR)
        return super().__call__(name, **data)


def opened(told: Told) -> History:
    """Return a history with an open initiative, its backbone and a registrar."""
    role = {"role": "registrar", "person_id": REGISTRAR}
    return History(INITIATIVE).given(
        told("initiative.opened"),
        told("partner.joined", source=INIT, subject="backbone"),
        told("partner.role_assigned", source=INIT, subject="backbone", **role),
    )


def joined(told: Told) -> History:
    """Return a history in which the clinic has joined too."""
    more = {"classes": ["health-care"], "networks": ["county"], "seats_of_lived_experience": 2}
    return opened(told).given(told("partner.joined", **more))


def of(history: History, kind: str, name: str) -> Any:
    """Return the aggregate of this kind and id."""
    return next(state for key, state in history.states.items() if (key.kind, key.id) == (kind, name))


def by_clinic(fact: str, told: Told, **data: Any) -> Any:
    return told(f"partner.{fact}", source=partner("clinic"), **data)


def test_every_initiative_event_has_a_rule() -> None:
    assert INITIATIVE.rulebook.types == {type_of(event) for event in get_args(InitiativeEvent)}


def test_an_initiative_is_opened_once_by_init_under_its_own_id() -> None:
    told = Registrar()
    then = History(INITIATIVE)
    assert then.when(told("initiative.opened", source=partner("backbone"))) == Refused("not-permitted")
    assert then.when(told("initiative.opened", subject="other")) == Refused("unknown-subject", "initiative")
    assert then.when(told("initiative.opened", partitionkey="other")) == Refused("initiative-not-open")
    then.given(told("initiative.opened"))
    assert then.state("initiative") == Initiative(
        name="Riverbend Together", backbone="backbone", opened=NOON, policy=Policy(zone="America/Chicago")
    )
    assert then.when(told("initiative.opened")) == Refused("already-exists", "initiative")


ALL = tuple(
    name.removeprefix("org.manyhands.").removesuffix(".v1")
    for name in sorted(INITIATIVE.rulebook.types - {"org.manyhands.initiative.opened.v1"})
)
REGISTRARS = tuple(name for name in ALL if AUTHORITY[NAMES[name]].who is Who.REGISTRAR)
OWN = tuple(name for name in ALL if name not in REGISTRARS)


@pytest.mark.parametrize("name", ALL)
def test_nothing_is_said_before_an_initiative_is_open_or_beside_its_key(name: str) -> None:
    told = Registrar()
    assert History(INITIATIVE).when(told(name)) == Refused("initiative-not-open")
    assert opened(told).when(told(name, partitionkey="elsewhere")) == Refused("initiative-not-open")


@pytest.mark.parametrize("name", REGISTRARS)
def test_only_a_registrar_of_the_backbone_may_say_it(name: str) -> None:
    told = Registrar()
    then = joined(told).given(
        told("partner.role_assigned", role="registrar", person_id=ident("elsewhere")),
        told("partner.role_assigned", subject="backbone", role="analyst", person_id=ident("analyst")),
    )
    for said in (
        {"source": partner("backbone")},
        {"actor": ident("stranger")},
        {"actor": ident("analyst")},
        {"actor": ident("elsewhere")},
        {"source": partner("clinic"), "actor": ident("elsewhere")},
        {"source": partner("clinic"), "actor": REGISTRAR},
        {"source": system("timekeeper"), "actor": REGISTRAR},
    ):
        assert then.when(told(name, **said)) == Refused("not-registrar"), said


@pytest.mark.parametrize("name", OWN)
def test_a_partner_speaks_for_itself_alone(name: str) -> None:
    told = Registrar()
    then = joined(told)
    assert then.when(told(name, source=partner("backbone"), actor=REGISTRAR)) == Refused("not-permitted")
    assert then.when(told(name, source=INIT)) == Refused("not-permitted")
    unknown = told(name, source=partner("stranger"), subject="stranger")
    assert then.when(unknown) == Refused("unknown-subject", "partner")


def test_a_policy_keeps_what_it_is_not_told_to_change() -> None:
    told = Registrar()
    then = opened(told).given(told("initiative.policy_set", k=5, holidays=["2026-07-04"]))
    then.given(told("initiative.policy_set", min_attempts=2, protected_programmes=["other"]))
    assert then.state("initiative").policy == Policy(
        zone="America/Chicago",
        k=5,
        holidays=("2026-07-04",),
        min_attempts=2,
        protected_programmes=("other",),
    )


@pytest.mark.parametrize("name", [name for name in REGISTRARS if name.startswith("initiative.")])
def test_what_an_initiative_is_told_has_it_as_subject(name: str) -> None:
    told = Registrar()
    assert opened(told).when(told(name, subject="clinic")) == Refused("unknown-subject", "initiative")


def test_the_newest_codelist_holds_and_others_stay() -> None:
    told = Registrar()
    entries = [{"code": "food", "label": "Food"}, {"code": "bed", "label": "Bed"}]
    then = opened(told).given(
        told("initiative.codelist_published", codelist="area", entries=[{"code": "north", "label": "North"}]),
        told("initiative.codelist_published"),
        told("initiative.codelist_published", entries=entries),
    )
    assert of(then, "codelist", "need") == Codelist(labels={"food": "Food", "bed": "Bed"}, published=NOON)
    assert list(of(then, "codelist", "area").labels) == ["north"]


def test_a_backfill_has_a_window_and_closes_once() -> None:
    told = Registrar()
    then = opened(told)
    assert then.when(told("initiative.backfill_closed")) == Refused("unknown-subject", "backfill")
    backwards = {"from": "2026-01-01T00:00:00Z", "until": "2025-01-01T00:00:00Z"}
    assert then.when(told("initiative.backfill_opened", **backwards)) == Refused("empty-window")
    then.given(told("initiative.backfill_opened"))
    assert then.when(told("initiative.backfill_opened")) == Refused("already-exists", "backfill")
    then.given(told("initiative.backfill_closed"))
    assert then.state("backfill") == Backfill(
        partners=("clinic",),
        since=datetime(2023, 1, 1, tzinfo=UTC),
        until=datetime(2026, 1, 1, tzinfo=UTC),
        reason="history",
        opened=NOON,
        closed=NOON,
    )
    assert then.when(told("initiative.backfill_closed")) == Refused("illegal-transition", "closed")


def test_a_partner_joins_once_and_signs_afterwards() -> None:
    told = Registrar()
    assert opened(told).when(told("partner.agreement_signed")) == Refused("unknown-subject", "partner")
    then = joined(told)
    assert of(then, "partner", "clinic") == CLINIC
    assert then.when(told("partner.joined")) == Refused("already-exists", "partner")
    then.given(told("partner.agreement_signed"))
    assert of(then, "partner", "clinic").agreement == Agreement(
        id=ident("agreement"), version="2026-1", signed=datetime(2026, 1, 1, tzinfo=UTC)
    )


def test_a_partner_describes_itself() -> None:
    told = Registrar()
    then = joined(told).given(by_clinic("profile_changed", told, description="Open daily", website="clinic.example"))
    then.given(by_clinic("profile_changed", told, name="Clinic"))
    clinic = of(then, "partner", "clinic")
    assert (clinic.name, clinic.description, clinic.website) == ("Clinic", "Open daily", "clinic.example")


def test_a_service_is_published_once_and_changed_by_its_partner() -> None:
    told = Registrar()
    then = joined(told)
    for name in ("service_changed", "capacity_reported"):
        assert then.when(by_clinic(name, told)) == Refused("unknown-subject", "service")
    then.given(by_clinic("service_published", told))
    assert of(then, "service", SERVICE) == NIGHTS
    assert then.when(by_clinic("service_published", told)) == Refused("already-exists", "service")
    then.given(by_clinic("service_changed", told, accepts_referrals=False, programme_class="general"))
    then.given(by_clinic("capacity_reported", told, available=2, maximum=9, unit="bed"))
    service = of(then, "service", SERVICE)
    assert (service.name, service.accepts_referrals, service.programme_class) == ("Night shelter", False, "general")
    assert service.capacity == Capacity(status="capacity", available=2, maximum=9, unit="bed", reported=NOON)


def test_a_service_belongs_to_one_partner() -> None:
    told = Registrar()
    then = joined(told).given(by_clinic("service_published", told))
    foreign = told("partner.service_changed", source=partner("backbone"), subject="backbone")
    assert then.when(foreign) == Refused("unknown-subject", "service")


def test_a_person_holds_each_role_once() -> None:
    told = Registrar()
    then = joined(told)
    assert opened(told).when(told("partner.role_assigned")) == Refused("unknown-subject", "partner")
    then.given(told("partner.role_assigned"), told("partner.role_assigned", role="partner-admin"))
    assert then.when(told("partner.role_assigned")) == Refused("already-exists", "role")
    roles = (Role("clinic", "staff"), Role("clinic", "partner-admin"))
    assert of(then, "person", ident("person")) == Person(roles)


def test_a_coordinator_takes_a_second_registrar() -> None:
    told = Registrar()
    then = joined(told).given(
        told("partner.role_assigned", subject="backbone", role="registrar", person_id=SECOND),
        told("partner.role_assigned", subject="backbone", role="analyst", person_id=ident("analyst")),
    )
    for said in (
        {},
        {"approver": REGISTRAR},
        {"approver": ident("analyst")},
        {"approver": ident("stranger")},
        {"source": INIT},
        {"source": INIT, "actor": REGISTRAR, "approver": REGISTRAR},
    ):
        event = told("partner.role_assigned", role="coordinator", **said)
        assert then.when(event) == Refused("needs-second-person"), said
    assert then.when(told("partner.role_assigned", role="coordinator", approver=SECOND)) == APPLIED


def test_the_roles_of_a_person_are_bounded() -> None:
    told = Registrar()
    then = opened(told)
    for number in range(50):
        name = f"partner-{number}"
        then.given(told("partner.joined", subject=name), told("partner.role_assigned", subject=name))
    assert then.when(told("partner.role_assigned", subject="backbone")) == Refused("too-many", "roles")
