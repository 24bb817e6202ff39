"""Stories for rules: given these events, when this one comes, then this is the ruling and this the state."""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from events.catalogue import Event
from projections.projection import At, Case, Key, Projection, State
from projections.record import Partition
from projections.ruling import APPLIED, Judgement, Refused
from tests.support.events import NOON


class Asked(Mapping[Key, State]):
    """States of which a rule may look only at those it asked for."""

    def __init__(self, states: Mapping[Key, State], asked: Collection[Key]) -> None:
        self._states = states
        self._asked = frozenset(asked)

    def __getitem__(self, key: Key) -> State:
        assert key in self._asked, f"the rule never asked for {key}"
        return self._states[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._asked & self._states.keys())

    def __len__(self) -> int:
        return len(self._asked & self._states.keys())


class History:
    """Judges one event after another, each a minute later; every state goes through its stored form."""

    def __init__(self, projection: Projection, at: datetime = NOON) -> None:
        self.projection = projection
        self.states: dict[Key, State] = {}
        self.now = at

    def given(self, *events: Event) -> Self:
        """Take events that must all be applied."""
        for event in events:
            assert self.when(event) == APPLIED, event
        return self

    def when(self, event: Event) -> Judgement:
        """Judge the event, and fold it when it is applied."""
        self.now += timedelta(minutes=1)
        judge = self.projection.rulebook.judge(event.type, int(self.now.timestamp() * 1000))
        assert judge is not None, event.type
        case = self._case(event)
        ruling = judge(event, case)
        if not isinstance(ruling, Refused):
            self._take(self.projection.evolve(event, case), case)
        return ruling

    def state(self, kind: str) -> Any:
        """Return the one aggregate of this kind."""
        found = [state for key, state in self.states.items() if key.kind == kind]
        assert len(found) == 1, f"{len(found)} of {kind}"
        return found[0]

    def row(self, kind: str) -> dict[str, Any]:
        """Return the one row of this kind, by column."""
        key = next(key for key in self.states if key.kind == kind)
        table = self.projection.kinds[kind].table
        return dict(zip(table.columns, self.projection.kinds[kind].row(key, self.state(kind)), strict=True))

    def _case(self, event: Event) -> Case:
        instant = event.time if event.data.admitted.backfill else self.now
        asked = {*self.projection.needs(event), *self.projection.also(event, self.states)}
        at = At(Partition("a-topic", 0), 0, self.now.astimezone(UTC), instant)
        return Case(Asked(self.states, asked), at)

    def _take(self, changed: Mapping[Key, State], case: Case) -> None:
        for key, state in changed.items():
            assert case.states.get(key) in (None, self.states.get(key))
            kind = self.projection.kinds[key.kind]
            row = kind.row(key, state)
            stored = kind.decode(row[kind.table.place("state")])
            assert stored == state
            assert kind.row(key, stored) == row
            assert len(row) == len(kind.table.columns)
            self.states[key] = stored
