"""Referral status, folded from the topic of cases."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from events.catalogue import Event
from events.client import Erased
from events.topics import CASES
from projections.projection import Case, Entry, Key, Kind, State, View
from projections.referral import keys
from projections.referral.board import REFERRALS
from projections.referral.client import CLIENTS
from projections.referral.evolve import evolve
from projections.referral.rules import RULES
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


class ReferralProjection:
    """Clients with their consents, referrals with their offers; the board, the timeline and the sealed text."""

    name = "referral"
    version = 1
    topic = CASES
    rulebook = RULES
    kinds: Mapping[str, Kind] = MappingProxyType({"client": CLIENTS, "referral": REFERRALS})
    views: tuple[View, ...] = (Timeline("referral", offer_detail), SealedText())

    # Every event of this topic is a CaseEvent; a cast for each would cost as much as the call.
    def needs(self, event: Any) -> tuple[Key, ...]:
        return keys.needs(event)

    def also(self, event: Any, states: Mapping[Key, State]) -> tuple[Key, ...]:
        return keys.also(event, states)

    def evolve(self, event: Any, case: Case) -> Mapping[Key, State]:
        return evolve(event, case)

    def erases(self, event: Event) -> bool:
        return isinstance(event, Erased)
