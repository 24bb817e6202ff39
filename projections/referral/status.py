"""A referral's status: a pure function of its offers, whatever way they came to stand as they do."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from projections.referral.state import Offer, Referral
from projections.referral.transitions import EXPIRED, Status

#: Whether the need was met: closed means that somebody said how it ended.
Loop = Literal[
    "not-opened",
    "open",
    "closed-served",
    "closed-not-served",
    #: Its sender gave up and nobody ever answered; counts as not closed.
    "closed-unknown",
    #: Arranged outside, where nobody says how it ends; and the same once the sender heard.
    "handed-off",
    "handed-off-heard",
]

#: The offer that speaks for the referral is the one furthest along; of equals, the latest.
RANK: Mapping[Status, int] = MappingProxyType(
    {
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
)


class Standing(NamedTuple):
    """How a referral stands, and the offer that says so."""

    status: Status
    loop: Loop
    offer: Offer | None


def standing_of(referral: Referral) -> Standing:
    """Return how the referral stands, its sender's own words about it included."""
    if referral.handoff is not None:
        return Standing("in-progress", "handed-off" if referral.handoff.heard is None else "handed-off-heard", None)
    return standing(referral.offers, closed=referral.closed is not None)


def standing(offers: tuple[Offer, ...], *, closed: bool = False) -> Standing:
    """Return how a referral with these offers stands; `closed` says that no other will be made.

    When every offer ended without service it stays open until then.  An erased client's is closed all the same:
    the board's table says how, as most of those referrals are not even looked at then.
    """
    if not offers:
        return Standing("cancelled", "closed-not-served", None) if closed else Standing("draft", "not-opened", None)
    lead = offers[-1] if len(offers) == 1 else _lead(offers)
    if lead.status == "completed":
        return Standing("completed", "closed-served", lead)
    if RANK[lead.status] > 1:
        return Standing(lead.status, "open", lead)
    if closed:
        return _given_up(offers, lead)
    if lead.status == "entered-in-error":
        return Standing("draft", "not-opened", None)
    return Standing("in-progress", "open", lead)


def _given_up(offers: tuple[Offer, ...], lead: Offer) -> Standing:
    told = [offer for offer in offers if offer.status != "entered-in-error"]
    if not told:
        return Standing("cancelled", "closed-not-served", None)
    if all(offer.detail == EXPIRED for offer in told):
        return Standing("cancelled", "closed-unknown", lead)
    failed = any(offer.status == "failed" for offer in told)
    return Standing("failed" if failed else "cancelled", "closed-not-served", lead)


def _lead(offers: tuple[Offer, ...]) -> Offer:
    return max(reversed(offers), key=lambda offer: RANK[offer.status])
