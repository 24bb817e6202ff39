"""A referral's status: a pure function of its offers, whatever way they came to stand as they do."""

from typing import Literal, NamedTuple

from projections.referral.state import Offer
from projections.referral.transitions import Status

#: Whether the need was met: closed means that somebody said how it ended.
Loop = Literal["not-opened", "open", "closed-served", "closed-not-served"]

#: The offer that speaks for the referral is the one furthest along; of equals, the latest.
_RANK: dict[Status, int] = {
    "completed": 6,
    "in-progress": 5,
    "accepted": 4,
    "on-hold": 3,
    "requested": 2,
    "failed": 1,
    "rejected": 1,
    "cancelled": 1,
    "draft": 1,
    "entered-in-error": 0,
}


class Standing(NamedTuple):
    """How a referral stands, and the offer that says so."""

    status: Status
    loop: Loop
    offer: Offer | None


def standing(offers: tuple[Offer, ...]) -> Standing:
    """Return how a referral with these offers stands.

    When every offer ended without service it stays open, as its sender may make another.  An erased client's
    is closed all the same: the board's table says how, as most of those referrals are not even looked at then.
    """
    if not offers:
        return Standing("draft", "not-opened", None)
    lead = offers[-1] if len(offers) == 1 else _lead(offers)
    if lead.status == "completed":
        return Standing("completed", "closed-served", lead)
    if _RANK[lead.status] > 1:
        return Standing(lead.status, "open", lead)
    return Standing("in-progress", "open", lead)


def _lead(offers: tuple[Offer, ...]) -> Offer:
    return max(reversed(offers), key=lambda offer: _RANK[offer.status])
