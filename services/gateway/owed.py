"""Whose turn it is with a referral: which step is owed, of which offer and by when.  Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from events.authority import Who
from projections.referral.state import Offer
from projections.referral.transitions import CANCEL_ASKED, OPEN, SENDER_LEFT, legal
from services.gateway.sight import Sight

#: What a recipient may say at any time, and owes to nobody.
_BESIDE = frozenset({"referral.offer_viewed", "referral.client_asked", "referral.client_answered"})


def next_step(sight: Sight, now: datetime) -> dict[str, Any] | None:
    """Return who owes the next step, which it is, of which offer and by when; None when nobody owes any."""
    _, loop, lead = sight.standing
    deserted = lead is not None and lead.detail == SENDER_LEFT and sight.role != "sender"
    # Whose need was given up may still be offered anew, and is owed nothing.
    if sight.client.erased or deserted or loop in ("closed-not-served", "closed-unknown", "handed-off-heard"):
        return None
    if lead is not None and sight.role == "class-member":
        # Late too: whose turn it is otherwise is between the sender and those whom it asks next.
        return _owed("recipient", _steps(lead), lead.id, lead.respond_by, now)
    if loop == "handed-off":
        return _owed("sender", ["referral.outcome_reported_by_sender"], _outside(sight), None, now)
    lead = _longest_late(sight, now) or lead
    if lead is None or lead.status in ("rejected", "failed", "cancelled"):
        return _owed("sender", ["referral.offer_sent"], None, None, now)
    if lead.status == "completed":
        other = ["referral.offer_sent"] if disputed(lead) else []
        told = ["referral.outcome_acknowledged", *other]
        return None if lead.acknowledged else _owed("sender", told, lead.id, None, now)
    return _owed("recipient", _steps(lead), lead.id, due_by(lead), now)


def _longest_late(sight: Sight, now: datetime) -> Offer | None:
    """Return of what its sender waits for that which was due first and is over, whichever offer leads."""
    if sight.role != "sender" or sight.standing.loop != "open":
        return None
    dues = ((by, offer) for offer in sight.offers if (by := due_by(offer)) is not None and by < now)
    return min(dues, key=lambda due: due[0], default=(now, None))[1]


def due_by(offer: Offer) -> datetime | None:
    """Return by when its recipient owes the next step: an answer, one to the wish to cancel it, or the beginning.

    None where it owes none, or nobody said by when.
    """
    if offer.status not in OPEN:
        return None
    if offer.status == "requested":
        return offer.respond_by
    if offer.detail == CANCEL_ASKED:
        return offer.confirm_by
    return None if offer.started else begin_by(offer)


def begin_by(offer: Offer) -> datetime | None:
    """Return when service is to have begun; of an offer as it stood in the past as far as its recipient said so."""
    return offer.start_by or offer.expected_by


def _outside(sight: Sight) -> str | None:
    outside = sight.referral.handoff
    return None if outside is None else outside.id


def disputed(offer: Offer) -> bool:
    """Say whether it was served and the person says that the need was not met."""
    return offer.status == "completed" and offer.need_met == "no"


def _steps(offer: Offer) -> Iterable[str]:
    """Return what moves the offer on; that it was looked at again does not."""
    whose = Who.RECIPIENT if offer.recipient else Who.CLASS_MEMBER
    return [name for name in legal(offer.status, offer.detail, whose) if name not in _BESIDE]


def _owed(who: str, events: Iterable[str], offer: str | None, by: datetime | None, now: datetime) -> dict[str, Any]:
    late = by is not None and by < now
    return {"who": who, "events": list(events), "offer": offer, "by": by, "overdue": late}
