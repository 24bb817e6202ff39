"""What others ask of an initiative's states."""

from datetime import datetime

from projections.initiative.state import Backfill, Codelist, Initiative, Partner, Person, Role, Service


def speaks_of_clients(partner: Partner) -> bool:
    """Say whether the partner may say anything about single people."""
    return partner.active and partner.agreement is not None and partner.reporting == "client-level"


def holds(person: Person | None, partner: str, role: str) -> bool:
    """Say whether the person holds the role at the partner."""
    return person is not None and Role(partner, role) in person.roles


def has_code(codelist: Codelist | None, code: str) -> bool:
    """Say whether the code stands in the codelist in force."""
    return codelist is not None and code in codelist.labels


def protects(initiative: Initiative, programme_class: str) -> bool:
    """Say whether the initiative protects this class of programmes."""
    return programme_class in initiative.policy.protected_programmes


def attempts(initiative: Initiative, service: Service) -> int:
    """Return the contact attempts asked for before a client of the service may be called unreachable."""
    return initiative.policy.min_attempts if service.min_attempts is None else service.min_attempts


def within(backfill: Backfill, partner: str, time: datetime) -> bool:
    """Say whether the window is open and lets the partner load what happened at this time."""
    return backfill.closed is None and partner in backfill.partners and backfill.since <= time <= backfill.until
