"""Referral status, folded from the topic of cases."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import cast

from events.catalogue import CaseEvent, Event
from events.client import Erased
from events.topics import CASES
from projections.projection import Case, Entry, Key, Kind, State
from projections.referral import keys
from projections.referral.board import REFERRALS
from projections.referral.client import CLIENTS
from projections.referral.evolve import evolve
from projections.referral.rules import RULES
from projections.referral.sealed import SealedText
from projections.referral.state import Referral, offer_of
from projections.timeline import Timeline


def offer_detail(entry: Entry) -> str | None:
    """Return the fine state in which the entry left the offer it speaks of."""
    offer_id = getattr(entry.event.data, "offer_id", None)
    if offer_id is None:
        return None
    changed = (state for state in entry.changed.values() if isinstance(state, Referral))
    offers = (offer for referral in changed if (offer := offer_of(referral, offer_id)))
    return next((offer.detail for offer in offers), None)


class ReferralProjection:
    """Clients with their consents, referrals with their offers; the board, the timeline and the sealed text."""

    name = "referral"
    version = 1
    topic = CASES
    rulebook = RULES
    kinds: Mapping[str, Kind] = MappingProxyType({"client": CLIENTS, "referral": REFERRALS})
    views = (Timeline("referral", offer_detail), SealedText())

    def needs(self, event: Event) -> tuple[Key, ...]:
        return keys.needs(cast(CaseEvent, event))

    def also(self, event: Event, states: Mapping[Key, State]) -> tuple[Key, ...]:
        return keys.also(cast(CaseEvent, event), states)

    def evolve(self, event: Event, case: Case) -> Mapping[Key, State]:
        return evolve(cast(CaseEvent, event), case)

    def erases(self, event: Event) -> bool:
        return isinstance(event, Erased)
