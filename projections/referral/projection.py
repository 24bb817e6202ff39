"""Referral status, folded from the topic of cases."""

from collections.abc import Mapping
from types import MappingProxyType

from projections.projection import Entry, Kind, View
from projections.referral.asked import Asked
from projections.referral.board import REFERRALS
from projections.referral.client import CLIENTS
from projections.referral.deadline import Deadlines
from projections.referral.episode import EPISODES
from projections.referral.judged import JudgedCases
from projections.referral.said import Said
from projections.referral.sealed import SealedText
from projections.referral.state import Referral, offer_of
from projections.timeline import Timeline, offer_named


def offer_detail(entry: Entry) -> str | None:
    """Return the fine state in which the entry left the offer it speaks of."""
    offer_id = offer_named(entry.event.data)
    if offer_id is None:
        return None
    for state in entry.changed.values():
        if isinstance(state, Referral):
            offer = offer_of(state, offer_id)
            if offer is not None:
                return offer.detail
    return None


class ReferralProjection(JudgedCases):
    """Clients and consents, referrals with offers, episodes; board, timeline, words, deadlines, sealed text, asked."""

    name = "referral"
    version = 8
    kinds: Mapping[str, Kind] = MappingProxyType({"client": CLIENTS, "referral": REFERRALS, "episode": EPISODES})
    views: tuple[View, ...] = (Timeline("referral", offer_detail), SealedText(), Said(), Deadlines(), Asked())
