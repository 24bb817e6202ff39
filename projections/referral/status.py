"""A referral's status: a pure function of its offers, whatever way they came to stand as they do."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from projections.referral.state import Offer, Referral
from projections.referral.transitions import EXPIRED, SENDER_LEFT, Status

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

#: Of the offers whose place no other took, the one furthest along leads; of equals, the latest.
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


def standing(offers: tuple[Offer, ...], *, closed: bool = False, among: tuple[Offer, ...] | None = None) -> Standing:
    """Return how a referral with these offers stands; `closed` says that no other will be made.

    Where they are some of the referral's offers alone, those are `among`.

    When every offer that speaks for it ended without service it stays open until then.  An erased client's is closed
    all the same: the board's table says how, as most of those referrals are not even looked at then.
    """
    if not offers:
        return Standing("cancelled", "closed-not-served", None) if closed else Standing("draft", "not-opened", None)
    lead = offers[-1] if len(offers) == 1 else _lead(speaking(offers, among) or offers)
    if lead.status == "completed":
        return Standing("completed", "closed-served", lead)
    if RANK[lead.status] > 1:
        return Standing(lead.status, "open", lead)
    if closed:
        return _given_up(offers, lead)
    if lead.status == "entered-in-error":
        return Standing("draft", "not-opened", None)
    return Standing("in-progress", "open", lead)


def speaking(offers: tuple[Offer, ...], among: tuple[Offer, ...] | None = None) -> tuple[Offer, ...]:
    """Return those that speak for the need: an offer whose place another of them took has said what it had to say."""
    replaced = replaced_by(offers, among)
    return tuple(offer for offer in offers if offer.id not in replaced) if replaced else offers


def replaced_by(offers: tuple[Offer, ...], among: tuple[Offer, ...] | None = None) -> Mapping[str, Offer]:
    """Return the ids of the offers whose place one of `offers` took, each with the first that did.

    One that took the place of a third took the place of what that one had replaced, too: whether the third was made
    in error, or is not among `offers` (then it is `among` them), matters to neither of the two.
    """
    lines: dict[str, tuple[str, ...]] = {}
    for each in among or offers:
        if each.replaces is not None:
            lines[each.id] = (each.replaces, *lines.get(each.replaces, ()))
    meant = (offer for offer in reversed(offers) if offer.status != "entered-in-error")
    return {before: offer for offer in meant for before in lines.get(offer.id, ())}


def is_awaited_late(referral: Referral, offer: Offer) -> bool:
    """Say whether the offer ran out, and nobody was asked instead and its sender did not give up."""
    return offer.detail == EXPIRED and referral.closed is None and offer.id not in replaced_by(referral.offers)


def ran_out(offer: Offer) -> bool:
    """Say whether nobody answered in time; that its sender left after that makes it no other end."""
    return offer.detail == EXPIRED or (offer.detail == SENDER_LEFT and offer.ran_out)


def _given_up(offers: tuple[Offer, ...], lead: Offer) -> Standing:
    told = [offer for offer in offers if offer.status != "entered-in-error"]
    if not told:
        return Standing("cancelled", "closed-not-served", None)
    if all(map(ran_out, told)):
        return Standing("cancelled", "closed-unknown", lead)
    failed = any(offer.status == "failed" for offer in told)
    return Standing("failed" if failed else "cancelled", "closed-not-served", lead)


def _lead(offers: tuple[Offer, ...]) -> Offer:
    return max(reversed(offers), key=lambda offer: RANK[offer.status])
