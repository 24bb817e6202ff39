"""An initiative as admission knows it: who takes part, what they offer, which codes and windows are in force.

Everything here comes from the log of initiatives; the directory keeps it current.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

from projections.initiative.state import Policy

#: What holds until an initiative says otherwise.
_USUAL = Policy(zone="UTC")
TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Absence:
    """Why a partner takes no part, and since when."""

    how: Literal["left", "suspended"]
    since: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """A partner of the initiative."""

    active: bool
    agreed: bool
    aggregate_only: bool
    classes: tuple[str, ...]
    networks: tuple[str, ...]
    #: Given where it is not active.
    absence: Absence | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """A service that a partner published."""

    partner: str
    accepts_referrals: bool
    programme_class: str
    min_attempts: int | None
    #: Business days in which it answers an offer; None leaves it to the policy.
    respond_days: int | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """An open backfill: these partners may tell what happened from `since` to `until`."""

    partners: frozenset[str]
    since: datetime
    until: datetime

    def covers(self, partner: str, time: datetime) -> bool:
        return partner in self.partners and self.since <= time <= self.until


@dataclass(slots=True)
class Standing:
    """One initiative; `offset` is how far its partition of the log has been read."""

    offset: int = 0
    zone: ZoneInfo | None = None
    backbone: str = ""
    registrars: frozenset[str] = frozenset()
    coordinators: frozenset[str] = frozenset()
    #: The people of each partner who administer it.
    administrators: Mapping[str, frozenset[str]] = field(default_factory=dict)
    #: Who of the backbone reads figures whole.
    analysts: frozenset[str] = frozenset()
    #: Days after which what is not known of a referral counts as not closed.
    maturity_days: int = _USUAL.maturity_days
    #: Days between the approval of an erasure and the erasure.
    erasure_wait: int = 0
    protected: frozenset[str] = frozenset()
    min_attempts: int | None = None
    #: Business days in which a recipient should respond, and days that are none.
    respond_days: int = _USUAL.respond_business_days
    #: Calendar days that a sender may allow at most.
    respond_at_most: int = _USUAL.respond_days_at_most
    #: Business days in which a service that was promised should begin.
    start_days: int = _USUAL.start_business_days
    #: Calendar days for which its recipient may put it off at most, at a time.
    start_at_most: int = _USUAL.start_days_at_most
    #: By partner, its services that say another number of those days.
    starts: dict[str, dict[str, int]] = field(default_factory=dict)
    holidays: frozenset[str] = frozenset()
    #: Whether partners may match clients by tokens that they agreed on.
    matching: bool = False
    members: dict[str, Member] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    codelists: dict[str, frozenset[str]] = field(default_factory=dict)
    windows: dict[str, Window] = field(default_factory=dict)
    _classes: dict[str, set[str]] = field(default_factory=dict)
    _networks: dict[str, set[str]] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        return self.zone is not None

    def take_member(self, partner: str, member: Member) -> None:
        """Note a partner as it now is, in the lists of its classes and networks too."""
        before = self.members.get(partner)
        self.members[partner] = member
        _list(self._classes, partner, before.classes if before else (), member.classes)
        _list(self._networks, partner, before.networks if before else (), member.networks)

    def take_start(self, partner: str, service: str, days: int | None) -> None:
        """Note in how many business days a partner's service begins; None leaves it to the policy."""
        own = self.starts.setdefault(partner, {})
        if days is None:
            own.pop(service, None)
        else:
            own[service] = days

    def class_members(self, classes: Iterable[str]) -> list[str]:
        """Return the active partners of any of these classes, sorted."""
        return self._members(self._classes, classes)

    def network_members(self, networks: Iterable[str]) -> list[str]:
        """Return the active partners of any of these networks, sorted."""
        return self._members(self._networks, networks)

    def _members(self, lists: dict[str, set[str]], names: Iterable[str]) -> list[str]:
        listed = set().union(*(lists.get(name, ()) for name in names))
        return sorted(partner for partner in listed if self.members[partner].active)


def _list(lists: dict[str, set[str]], partner: str, before: Iterable[str], now: Iterable[str]) -> None:
    for name in before:
        lists[name].discard(partner)
    for name in now:
        lists.setdefault(name, set()).add(partner)


@cache
def zone_of(name: str) -> ZoneInfo | None:
    """Return the time zone of this name, None when there is none."""
    return ZoneInfo(name) if name in available_timezones() else None


@lru_cache(maxsize=10_000)
def first_instant(day: str, zone: ZoneInfo) -> datetime | None:
    """Return when the day begins in the zone, in UTC; None when the zone has no such day.

    A day whose midnight the clocks skip begins with the first time there is; one whose first hour comes
    twice begins with the first of the two.
    """
    try:
        midnight = datetime.fromisoformat(day).replace(tzinfo=zone)
    except ValueError:
        return None
    instant = midnight.astimezone(UTC)
    return instant if instant.astimezone(zone).date() == midnight.date() else None


@lru_cache(maxsize=10_000)
def last_instant(day: str, zone: ZoneInfo) -> datetime | None:
    """Return the last microsecond of the day in the zone, in UTC; None when the zone has no such day."""
    if first_instant(day, zone) is None:
        return None
    following = date.fromisoformat(day)
    begins = None
    while begins is None:
        following += timedelta(days=1)
        begins = first_instant(following.isoformat(), zone)
    return begins - TICK
