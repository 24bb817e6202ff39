"""How an offer's state may change: the one table that rules, tests and the drawn diagram come from.

`status` is one of the ten that a FHIR Task has for referrals, `detail` the fine state within it.  A *fact*
is what an event means to an offer: one event may tell several, as an outcome does, and one fact may reach
an offer from elsewhere, as the end of a consent does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Literal, NamedTuple

from events.referral import (
    OfferAccepted,
    OfferDeclined,
    OfferSent,
    OfferViewed,
    OutcomeAcknowledged,
    OutcomeRecorded,
    ServiceStarted,
)

Status = Literal[
    "draft",
    "requested",
    "accepted",
    "rejected",
    "in-progress",
    "on-hold",
    "completed",
    "failed",
    "cancelled",
    "entered-in-error",
]
Fact = Literal[
    "sent",
    "viewed",
    "fetched",
    "accepted",
    "declined",
    "started",
    "delivered",
    "partly-delivered",
    "not-delivered",
    "acknowledged",
    "consent-ended",
    "client-erased",
]
#: The events that speak of one offer.
OfferEvent = (
    OfferSent | OfferViewed | OfferAccepted | OfferDeclined | ServiceStarted | OutcomeRecorded | OutcomeAcknowledged
)

#: Somebody still has to act on the offer.
OPEN: tuple[Status, ...] = ("requested", "accepted", "in-progress", "on-hold")
#: The recipient has taken it on.
TAKEN: tuple[Status, ...] = ("accepted", "in-progress", "on-hold")
#: It has ended, one way or another.
TERMINAL: tuple[Status, ...] = ("rejected", "completed", "failed", "cancelled")


@dataclass(frozen=True)
class Move:
    """One arrow, or several with the same fact and end."""

    fact: Fact
    #: The events that tell it, by short name.
    events: tuple[str, ...]
    #: The states it may start from; None is where no offer is yet.
    sources: tuple[Status | None, ...]
    #: The state it leads to; None leaves state and detail as they are.
    to: Status | None = None
    detail: str = ""
    #: It starts only where the detail is this one.
    only: str | None = None


_OUTCOME = ("referral.outcome_recorded",)
_CONSENT = ("consent.revoked", "consent.entered_in_error", "consent.narrowed")

MOVES: tuple[Move, ...] = (
    Move("sent", ("referral.offer_sent",), (None,), "requested", "sent"),
    Move("viewed", ("referral.offer_viewed",), ("requested",), "requested", "viewed"),
    Move("viewed", ("referral.offer_viewed",), (*TAKEN, *TERMINAL)),
    Move("fetched", ("referral.offer_viewed",), (*OPEN, *TERMINAL)),
    Move("accepted", ("referral.offer_accepted",), ("requested",), "accepted", "accepted"),
    Move("declined", ("referral.offer_declined",), ("requested",), "rejected", "declined"),
    Move("started", ("referral.service_started",), ("accepted", "on-hold"), "in-progress", "serving"),
    Move("delivered", _OUTCOME, TAKEN, "completed", "served"),
    Move("partly-delivered", _OUTCOME, TAKEN, "completed", "partly-served"),
    Move("not-delivered", _OUTCOME, TAKEN, "failed", "not-served"),
    Move("acknowledged", ("referral.outcome_acknowledged",), TERMINAL),
    Move("consent-ended", _CONSENT, OPEN, "cancelled", "consent-revoked"),
    Move("client-erased", ("client.erased",), OPEN, "cancelled", "client-erased"),
)


class Step(NamedTuple):
    """Where an offer stands."""

    status: Status
    detail: str


def _steps() -> Mapping[tuple[Fact, Status | None, str | None], Step | None]:
    """Return each arrow's end by its fact, start and needed detail; None where the offer stays as it is."""
    return MappingProxyType(
        {
            (move.fact, source, move.only): None if move.to is None else Step(move.to, move.detail)
            for move in MOVES
            for source in move.sources
        }
    )


_STEPS = _steps()


@lru_cache(1024)
def step(fact: Fact, status: Status | None, detail: str = "") -> Step | None:
    """Return where the fact takes an offer from this state, or None when it may not happen there."""
    for start in ((fact, status, detail), (fact, status, None)):
        if start in _STEPS:
            return _STEPS[start] or (None if status is None else Step(status, detail))
    return None


def legal(status: Status, detail: str) -> tuple[str, ...]:
    """Return the short names of the referral events that may come next for an offer in this state."""
    found = (
        name
        for move in MOVES
        for name in move.events
        if status in move.sources and move.only in (None, detail) and name.startswith("referral.")
    )
    return tuple(dict.fromkeys(found))


def fact_of(event: OfferEvent) -> Fact:
    """Return what the event means to its offer."""
    fact = _FACT.get(type(event))
    if fact is not None:
        return fact
    match event:
        case OfferViewed():
            return "fetched" if event.data.by == "system" else "viewed"
        case OutcomeRecorded():
            return _OUTCOME_FACT[event.data.outcome]
        case _:
            raise LookupError(f"{event.type} means nothing to an offer")


#: Of the events that always mean the same.
_FACT: Mapping[type[OfferEvent], Fact] = MappingProxyType(
    {
        OfferSent: "sent",
        OfferAccepted: "accepted",
        OfferDeclined: "declined",
        ServiceStarted: "started",
        OutcomeAcknowledged: "acknowledged",
    }
)
_OUTCOME_FACT: Mapping[str, Fact] = MappingProxyType(
    {"delivered": "delivered", "partly": "partly-delivered", "not-delivered": "not-delivered"}
)
