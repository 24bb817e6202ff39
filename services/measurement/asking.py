"""What can be asked of loop figures, and by whom: how they are counted, cut, narrowed and dated."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Literal, get_args

#: What is counted: each need once, whatever it took, or each offer that was made to meet one.
Of = Literal["needs", "offers"]
Cut = Literal["month", "sender", "recipient", "service", "need", "area", "programme_class"]
CUTS: tuple[Cut, ...] = get_args(Cut)
#: A need may take offers to several, so it cannot be cut by what belongs to one of them.
OF_OFFERS: frozenset[Cut] = frozenset(("recipient", "service", "programme_class"))
#: Days after which what is not known counts as not closed, until an initiative says otherwise.
MATURITY_DAYS = 60

Figure = Literal[
    "sent",
    "backfilled",
    "immature",
    "disposed",
    "closed",
    "heard",
    "unanswered",
    "unknown",
    "pending",
    "served",
    "partly",
    "told",
    "acknowledged",
    "asked",
    "confirmed",
    "relayed",
    "open",
    "responses",
    "acceptances",
    "starts",
    "closures",
    "declined",
]
_SENT, _CLOSED = ("sent",), ("ended", "given-up")
#: The marks that each figure counts by.
MARKS: Mapping[Figure, tuple[str, ...]] = MappingProxyType(
    {
        "sent": _SENT,
        "backfilled": _SENT,
        "immature": _SENT,
        "unknown": _SENT,
        "pending": _SENT,
        "open": _SENT,
        "disposed": (*_CLOSED, "heard"),
        "closed": _CLOSED,
        "closures": _CLOSED,
        "heard": ("heard",),
        "unanswered": _CLOSED,
        "served": ("ended",),
        "partly": ("ended",),
        "told": ("ended",),
        "acknowledged": ("acknowledged",),
        "asked": ("asked",),
        "confirmed": ("answered",),
        "relayed": ("answered",),
        "responses": ("responded",),
        "acceptances": ("accepted",),
        "starts": ("started",),
        "declined": ("ended",),
    }
)


def protected_partners(offered: Iterable[tuple[str, str]], protected: Collection[str]) -> frozenset[str]:
    """Return the partners all of whose services are protected, of each service's partner and programme class."""
    services = list(offered)
    open_ones = {partner for partner, programme in services if programme not in protected}
    return frozenset(partner for partner, _ in services) - open_ones


class CannotBeCut(ValueError):
    """A need may take offers to several partners: only offers are cut by recipient, service or programme class."""


@dataclass(frozen=True)
class Scope:
    """Whose loops count, and whose names are not shown."""

    initiative: str
    #: The one partner that the loops must be sent by or offered to; None is everybody's.
    own: str | None = None
    #: Partners that are shown as protected, as is every protected programme; None where nothing is hidden.
    hidden: frozenset[str] | None = frozenset()
    #: Whether what may have ended several offers at once is told by the day, in an order that does not join them.
    by_day: bool = False


@dataclass(frozen=True)
class Question:
    """Which figures.  Raises CannotBeCut."""

    scope: Scope
    of: Of = "needs"
    cuts: frozenset[Cut] = frozenset(("month",))
    #: From one month to another, both in it, each by its first day; None is open.  Months are those of UTC.
    first: date | None = None
    last: date | None = None
    #: What they were at that instant, by what was recorded; None is now.
    as_of: datetime | None = None
    maturity_days: int = MATURITY_DAYS
    #: Values that the cuts must have; an empty text is none.
    only: Mapping[Cut, str] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        if self.of == "needs" and OF_OFFERS & (self.cuts | self.only.keys()):
            raise CannotBeCut
