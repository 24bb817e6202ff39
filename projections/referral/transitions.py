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

from events.authority import AUTHORITY, Who
from events.catalogue import NAMES

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
    "drafted",
    "discarded",
    "sent",
    "recalled",
    "viewed",
    "fetched",
    "accepted",
    "claimed",
    "declined",
    "expired",
    "reminded",
    "escalated",
    "contacted",
    "started",
    "waitlisted",
    "held",
    "resumed",
    "delivered",
    "partly-delivered",
    "not-delivered",
    "heard",
    "cancel-asked",
    "cancelled",
    "cancel-unanswered",
    "withdrawn",
    "recipient-left",
    "sender-left",
    "consent-expired",
    "acknowledged",
    "client-asked",
    "client-answered",
    "corrected-to-delivered",
    "corrected-to-partly",
    "corrected-to-not-delivered",
    "entered-in-error",
    "consent-ended",
    "client-erased",
]
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
    #: It starts only where the detail is this one, or anywhere but there.
    only: str | None = None
    unless: str | None = None
    #: Who tells it, where that is not everybody who may say the event.
    by: tuple[Who, ...] = ()

    def told_by(self, name: str) -> tuple[Who, ...]:
        """Return who tells it by the event of this short name."""
        return self.by or AUTHORITY[NAMES[name]].all


_OUTCOME = ("referral.outcome_recorded",)
_CORRECTION = ("referral.outcome_corrected",)
_CONSENT = ("consent.revoked", "consent.entered_in_error", "consent.narrowed", "referral.client_answered")
#: The details that a rule asks for by name.
EXPIRED, CANCEL_ASKED, LAPSED = "expired-no-response", "cancel-requested", "consent-revoked"
_SENT: tuple[Status, ...] = (*OPEN, *TERMINAL)
_ANSWERING = (Who.RECIPIENT, Who.LINK)
#: Cancelled by the clock: whoever was asked has not said that nothing came of it.
UNANSWERED = "cancel-unanswered"
#: Whoever asked is gone, so nobody waits for an answer.
SENDER_LEFT = "sender-left"

MOVES: tuple[Move, ...] = (
    Move("drafted", ("referral.offer_drafted",), (None,), "draft", "drafting"),
    Move("discarded", ("referral.offer_discarded",), ("draft",), "entered-in-error", "discarded"),
    Move("sent", ("referral.offer_sent",), (None, "draft"), "requested", "sent"),
    Move("recalled", ("referral.offer_recalled",), ("requested",), "cancelled", "recalled"),
    Move("viewed", ("referral.offer_viewed",), ("requested",), "requested", "viewed"),
    Move("viewed", ("referral.offer_viewed",), (*TAKEN, *TERMINAL)),
    Move("fetched", ("referral.offer_viewed",), _SENT),
    Move("accepted", ("referral.offer_accepted",), ("requested",), "accepted", "accepted"),
    Move("accepted", ("referral.offer_accepted",), ("cancelled",), "accepted", "accepted", only=EXPIRED),
    Move("claimed", ("referral.offer_claimed",), ("requested",), "accepted", "claimed"),
    Move("claimed", ("referral.offer_claimed",), ("cancelled",), "accepted", "claimed", only=EXPIRED),
    Move("declined", ("referral.offer_declined",), ("requested",), "rejected", "declined"),
    Move("expired", ("referral.offer_expired",), ("requested",), "cancelled", EXPIRED),
    Move("reminded", ("referral.reminded",), OPEN),
    Move("escalated", ("referral.escalated",), OPEN),
    Move("contacted", ("referral.contact_attempted",), ("accepted",), "accepted", "contacting", unless=CANCEL_ASKED),
    Move("contacted", ("referral.contact_attempted",), ("accepted",), only=CANCEL_ASKED),
    Move("contacted", ("referral.contact_attempted",), ("in-progress", "on-hold")),
    Move(
        "started",
        ("referral.service_started",),
        ("accepted", "on-hold"),
        "in-progress",
        "serving",
        unless=CANCEL_ASKED,
    ),
    Move("waitlisted", ("referral.waitlisted",), ("accepted", "on-hold"), "on-hold", "waitlisted", unless=CANCEL_ASKED),
    Move("held", ("referral.put_on_hold",), TAKEN, "on-hold", "resting", unless=CANCEL_ASKED),
    Move("resumed", ("referral.resumed",), ("on-hold",), "in-progress", "serving", unless=CANCEL_ASKED),
    Move("delivered", _OUTCOME, TAKEN, "completed", "served"),
    Move("partly-delivered", _OUTCOME, TAKEN, "completed", "partly-served"),
    Move("not-delivered", _OUTCOME, TAKEN, "failed", "not-served"),
    Move("delivered", _OUTCOME, ("cancelled",), "completed", "served", only=UNANSWERED),
    Move("partly-delivered", _OUTCOME, ("cancelled",), "completed", "partly-served", only=UNANSWERED),
    Move("not-delivered", _OUTCOME, ("cancelled",), "failed", "not-served", only=UNANSWERED),
    Move("heard", ("referral.outcome_reported_by_sender",), _SENT),
    *(
        Move("cancel-asked", ("referral.cancel_requested",), (taken,), taken, CANCEL_ASKED, unless=CANCEL_ASKED)
        for taken in TAKEN
    ),
    Move(
        "cancelled",
        ("referral.cancel_confirmed",),
        TAKEN,
        "cancelled",
        "cancel-confirmed",
        only=CANCEL_ASKED,
        by=_ANSWERING,
    ),
    Move(
        "cancel-unanswered",
        ("referral.cancel_confirmed",),
        TAKEN,
        "cancelled",
        UNANSWERED,
        only=CANCEL_ASKED,
        by=(Who.CLOCK,),
    ),
    Move("withdrawn", ("referral.withdrawn",), TAKEN, "cancelled", "withdrawn", by=_ANSWERING),
    Move("recipient-left", ("referral.withdrawn",), OPEN, "cancelled", "recipient-left", by=(Who.CLOCK,)),
    # What was taken on goes on without whoever asked, and ends as its recipient says.
    Move("sender-left", ("referral.withdrawn",), ("requested",), "cancelled", SENDER_LEFT, by=(Who.CLOCK,)),
    # Nor is there anybody to answer late.
    Move(
        "sender-left", ("referral.withdrawn",), ("cancelled",), "cancelled", SENDER_LEFT, only=EXPIRED, by=(Who.CLOCK,)
    ),
    Move("consent-expired", ("referral.withdrawn",), OPEN, "cancelled", "consent-expired", by=(Who.CLOCK,)),
    Move("acknowledged", ("referral.outcome_acknowledged",), TERMINAL),
    Move("client-asked", ("referral.client_asked",), _SENT),
    Move("client-answered", ("referral.client_answered",), _SENT),
    Move("corrected-to-delivered", _CORRECTION, ("completed", "failed"), "completed", "served"),
    Move("corrected-to-partly", _CORRECTION, ("completed", "failed"), "completed", "partly-served"),
    Move("corrected-to-not-delivered", _CORRECTION, ("completed", "failed"), "failed", "not-served"),
    Move("entered-in-error", ("referral.entered_in_error",), _SENT, "entered-in-error", "in-error"),
    Move("consent-ended", _CONSENT, OPEN, "cancelled", LAPSED),
    Move("client-erased", ("client.erased",), OPEN, "cancelled", "client-erased"),
)


class Step(NamedTuple):
    """Where an offer stands."""

    status: Status
    detail: str


#: Where a fact leads from a status and a needed detail; None where it may not happen, `_STAYS` where nothing moves.
_STAYS = Step("draft", "")
_Start = tuple[Fact, Status | None, str | None]


def _steps() -> Mapping[_Start, Step | None]:
    found: dict[_Start, Step | None] = {}
    for move in MOVES:
        end = _STAYS if move.to is None else Step(move.to, move.detail)
        for source in move.sources:
            found[move.fact, source, move.only] = end
            if move.unless is not None:
                found.setdefault((move.fact, source, move.unless), None)
    return MappingProxyType(found)


_STEPS = _steps()


@lru_cache(4096)
def step(fact: Fact, status: Status | None, detail: str = "") -> Step | None:
    """Return where the fact takes an offer from this state, or None when it may not happen there."""
    for start in ((fact, status, detail), (fact, status, None)):
        if start in _STEPS:
            end = _STEPS[start]
            return Step(status, detail) if end is _STAYS and status is not None else end
    return None


def legal(status: Status, detail: str, by: Who | None = None) -> tuple[str, ...]:
    """Return the short names of the referral events that may come next for an offer in this state; of `by` alone."""
    found = (
        name
        for move in MOVES
        for name in move.events
        if status in move.sources
        and step(move.fact, status, detail)
        and name.startswith("referral.")
        and (by is None or by in move.told_by(name))
    )
    return tuple(dict.fromkeys(found))
