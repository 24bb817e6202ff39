from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from projections.initiative.reading import attempts, has_code, holds, protects, speaks_of_clients, within
from projections.initiative.state import (
    Agreement,
    Backfill,
    Codelist,
    Initiative,
    Partner,
    Person,
    Policy,
    Role,
    Service,
)
from tests.support.events import NOON

START, END = datetime(2023, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
WINDOW = Backfill(partners=("clinic",), since=START, until=END, reason="history", opened=NOON)
RIVERBEND = Initiative(name="R", backbone="backbone", opened=NOON, policy=Policy(zone="Europe/Berlin"))
PARTNER = Partner(
    name="Clinic",
    sector="health",
    reporting="client-level",
    classes=(),
    networks=(),
    seats_of_lived_experience=0,
    joined=NOON,
    agreement=Agreement(id="a", version="1", signed=NOON),
)
SERVICE = Service(
    partner="clinic",
    name="S",
    description=None,
    needs=(),
    areas=(),
    eligibility=None,
    accepts_referrals=True,
    programme_class="general",
    min_attempts=None,
    published=NOON,
)


@pytest.mark.parametrize(
    ("partner", "speaks"),
    [
        (PARTNER, True),
        (replace(PARTNER, active=False), False),
        (replace(PARTNER, agreement=None), False),
        (replace(PARTNER, reporting="aggregate-only"), False),
    ],
)
def test_a_partner_speaks_of_clients_under_an_agreement(partner: Partner, speaks: bool) -> None:
    assert speaks_of_clients(partner) == speaks


def test_a_role_is_held_at_a_partner() -> None:
    person = Person((Role("backbone", "registrar"),))
    assert holds(person, "backbone", "registrar")
    assert not holds(person, "clinic", "registrar")
    assert not holds(person, "backbone", "coordinator")
    assert not holds(None, "backbone", "registrar")


def test_a_code_is_in_a_codelist_or_nowhere() -> None:
    codelist = Codelist(labels={"food": "Food"}, published=NOON)
    assert [has_code(codelist, "food"), has_code(codelist, "bed"), has_code(None, "food")] == [True, False, False]


def test_an_initiative_protects_what_its_policy_names() -> None:
    assert protects(RIVERBEND, "substance-use")
    assert not protects(RIVERBEND, "general")


def test_a_services_own_number_of_attempts_comes_first() -> None:
    assert attempts(RIVERBEND, SERVICE) == 3
    assert attempts(RIVERBEND, replace(SERVICE, min_attempts=0)) == 0


def test_a_window_is_for_its_partners_and_its_time_while_it_is_open() -> None:
    inside = START + timedelta(days=1)
    assert [within(WINDOW, "clinic", time) for time in (START, inside, END)] == [True, True, True]
    assert not within(WINDOW, "shelter", inside)
    assert not within(WINDOW, "clinic", START - timedelta(seconds=1))
    assert not within(WINDOW, "clinic", END + timedelta(seconds=1))
    assert not within(replace(WINDOW, closed=NOON), "clinic", inside)
