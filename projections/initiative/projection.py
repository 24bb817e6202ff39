"""The initiative, its partners and their services, folded from the topic of initiatives."""

from collections.abc import Mapping
from typing import cast

from events.catalogue import Event, InitiativeEvent
from events.topics import INITIATIVES
from projections.initiative import keys
from projections.initiative.evolve import evolve
from projections.initiative.rules import RULES
from projections.initiative.tables import KINDS
from projections.projection import Case, Entry, Key, State
from projections.timeline import Timeline


def _no_detail(_entry: Entry) -> None:
    """What an event said of an initiative is in its row; there is no finer state."""


class InitiativeProjection:
    """Policy, codelists, partners, services, roles and backfill windows, with their timeline."""

    name = "initiative"
    version = 4
    topic = INITIATIVES
    rulebook = RULES
    kinds = KINDS
    views = (Timeline("partner", _no_detail),)

    def needs(self, event: Event) -> tuple[Key, ...]:
        return keys.needs(cast(InitiativeEvent, event))

    def also(self, event: Event, states: Mapping[Key, State]) -> tuple[Key, ...]:
        return ()

    def evolve(self, event: Event, case: Case) -> Mapping[Key, State]:
        return evolve(cast(InitiativeEvent, event), case)

    def erases(self, event: Event) -> bool:
        return False
