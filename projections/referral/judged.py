"""Cases judged once more: the rules and states of referrals for projections that keep other rows of them.

Each projection judges the log for itself and reads nothing of another one's tables, so that any of them can be
stopped and rebuilt alone.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from events.catalogue import Event
from events.client import Erased
from events.topics import CASES
from projections.projection import Case, Key, Kind, Row, State, Table
from projections.referral import keys
from projections.referral.evolve import evolve
from projections.referral.rules import RULES
from projections.referral.state import decode_client, decode_episode, decode_referral, encode


def _kind(name: str, decode: Callable[[str], State]) -> Kind:
    table = Table(
        name=name,
        columns={"initiative": "text", "record": "uuid", "id": "uuid", "state": "text"},
        key=("initiative", "record", "id"),
        sql=Path(__file__).with_name(f"bare_{name}.sql"),
    )
    return Kind(table, decode, _row)


def _row(key: Key, state: State) -> Row:
    return (*key[1:], encode(state))


class JudgedCases:
    """What a projection of cases needs to judge them, with the bare states for tables; it adds a name and views."""

    topic = CASES
    rulebook = RULES
    kinds: Mapping[str, Kind] = MappingProxyType(
        {
            "client": _kind("client", decode_client),
            "referral": _kind("referral", decode_referral),
            "episode": _kind("episode", decode_episode),
        }
    )

    # Every event of this topic is a CaseEvent; a cast for each would cost as much as the call.
    def needs(self, event: Any) -> tuple[Key, ...]:
        return keys.needs(event)

    def also(self, event: Any, states: Mapping[Key, State]) -> tuple[Key, ...]:
        return keys.also(event, states)

    def evolve(self, event: Any, case: Case) -> Mapping[Key, State]:
        return evolve(event, case)

    def erases(self, event: Event) -> bool:
        return isinstance(event, Erased)
