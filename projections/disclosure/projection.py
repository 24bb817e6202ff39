"""Disclosures, folded from the topic of disclosures."""

from collections.abc import Mapping
from types import MappingProxyType

from events.catalogue import Event
from events.topics import DISCLOSURES
from projections.brief import BriefTimeline
from projections.disclosure.account import Account
from projections.disclosure.rules import RULES
from projections.projection import Case, Key, Kind, Projection, State, View


class DisclosureProjection:
    """One row for each time that somebody was shown something; there is no state, as each stands by itself.

    A person's erasure is no event of this topic.  It takes nothing from here either: that there was a disclosure,
    of what kind and to whom, must be answered for longer than the person is known, and the rows hold ids alone.
    """

    name = "disclosure"
    version = 2
    topic = DISCLOSURES
    rulebook = RULES
    kinds: Mapping[str, Kind] = MappingProxyType({})
    views: tuple[View, ...] = (BriefTimeline(), Account())

    def needs(self, event: Event) -> tuple[Key, ...]:
        return ()

    def also(self, event: Event, states: Mapping[Key, State]) -> tuple[Key, ...]:
        return ()

    def evolve(self, event: Event, case: Case) -> Mapping[Key, State]:
        return {}

    def erases(self, event: Event) -> bool:
        return False


DISCLOSURE: Projection = DisclosureProjection()
