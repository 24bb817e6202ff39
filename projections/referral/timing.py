"""By when an offer is to be answered, and, once somebody said yes, begun."""

from datetime import datetime

from projections.referral.state import Offer
from projections.referral.transitions import TAKEN


def reminder_of(offer: Offer) -> datetime | None:
    """Return when its recipient is reminded: to answer, or, where it said yes, to begin."""
    return _waiting_for(offer, offer.remind_at, offer.start_by)


def escalation_of(offer: Offer) -> datetime | None:
    """Return when its sender is told that there is no answer, or that nothing has begun."""
    return _waiting_for(offer, offer.escalate_at, offer.late_at)


def _waiting_for(offer: Offer, answer: datetime | None, beginning: datetime | None) -> datetime | None:
    if offer.status == "requested":
        return answer
    # A pause or a try to reach the person is no beginning.
    return beginning if offer.status in TAKEN and offer.started is None else None
