"""What an initiative's own aggregates amount to, each small and with a key of its own.

A codelist, a service or a person is an aggregate apart, so that no event costs more as an initiative grows.
"""

from datetime import datetime
from typing import Literal

from msgspec import Struct, json

#: Roles that one person may hold.
MOST_ROLES = 50

#: Programme classes that a network-wide consent never carries, until a policy says otherwise.
PROTECTED = ("substance-use", "domestic-violence")


class Policy(Struct, frozen=True, kw_only=True):
    """The numbers and days that an initiative sets for itself, with what holds until it does."""

    zone: str
    holidays: tuple[str, ...] = ()
    fiscal_year_month: int = 1
    #: Days after which a referral without an answer counts as not closed.
    maturity_days: int = 60
    #: The smallest count that may be published.
    k: int = 11
    respond_business_days: int = 2
    #: Calendar days that a sender may allow at most.
    respond_days_at_most: int = 14
    #: Business days in which a service that was promised should begin, where its recipient names no day.
    start_business_days: int = 10
    #: Calendar days ahead of its word that a recipient may name one at most.
    start_days_at_most: int = 365
    erasure_wait_days: int = 30
    min_attempts: int = 3
    protected_programmes: tuple[str, ...] = PROTECTED
    client_matching: bool = False


class Initiative(Struct, frozen=True, kw_only=True):
    """An open initiative; `backbone` is the partner whose registrars admit the others."""

    name: str
    backbone: str
    opened: datetime
    policy: Policy


class Codelist(Struct, frozen=True, kw_only=True):
    """The codes in force and what people read in their place, in the order they were published."""

    labels: dict[str, str]
    published: datetime


class Agreement(Struct, frozen=True, kw_only=True):
    id: str
    version: str
    signed: datetime


class Absence(Struct, frozen=True, kw_only=True):
    """Why a partner takes no part: since when, as a registrar says, and when that was recorded."""

    how: Literal["left", "suspended"]
    since: datetime
    recorded: datetime


class Partner(Struct, frozen=True, kw_only=True):
    """An organisation that takes part; without an agreement it says nothing about clients."""

    name: str
    sector: str
    reporting: Literal["client-level", "aggregate-only"]
    classes: tuple[str, ...]
    networks: tuple[str, ...]
    seats_of_lived_experience: int
    joined: datetime
    active: bool = True
    #: Given where it is not active.
    absence: Absence | None = None
    #: The partner that carries on what this one did.
    successor: str | None = None
    agreement: Agreement | None = None
    description: str | None = None
    website: str | None = None


class Capacity(Struct, frozen=True, kw_only=True):
    """What a service reported last, and when."""

    status: Literal["capacity", "no-capacity", "waitlist", "assessment-required"]
    available: int | None
    maximum: int | None
    unit: str | None
    reported: datetime


class Service(Struct, frozen=True, kw_only=True):
    """What a partner offers; `programme_class` decides which consent it takes to refer there."""

    partner: str
    name: str
    description: str | None
    needs: tuple[str, ...]
    areas: tuple[str, ...]
    eligibility: str | None
    accepts_referrals: bool
    programme_class: str
    #: Contact attempts before a client may be called unreachable; None leaves it to the policy.
    min_attempts: int | None
    #: Business days in which it answers an offer; None leaves it to the policy.
    respond_business_days: int | None = None
    #: Business days in which it begins once it said yes; None leaves it to the policy.
    start_business_days: int | None = None
    published: datetime
    #: When it was offered no more.
    retired: datetime | None = None
    capacity: Capacity | None = None


class Role(Struct, frozen=True):
    """A role that a person holds at a partner."""

    partner: str
    role: str


class Person(Struct, frozen=True):
    roles: tuple[Role, ...]


class Backfill(Struct, frozen=True, kw_only=True):
    """A window in which these partners may load what happened between `since` and `until`."""

    partners: tuple[str, ...]
    since: datetime
    until: datetime
    reason: str
    opened: datetime
    closed: datetime | None = None


State = Initiative | Codelist | Partner | Service | Person | Backfill

_encoder = json.Encoder()


def encode(state: State) -> str:
    """Return the state as canonical JSON: fields in their order, times in UTC."""
    return _encoder.encode(state).decode()
