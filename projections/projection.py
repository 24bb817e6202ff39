"""The shape of a projection: aggregates judged and folded by rules, and views made of the rulings."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

import msgspec

from events.catalogue import Event
from events.topics import Topic
from projections.record import Partition
from projections.rulebook import Rulebook
from projections.ruling import Ruling

#: A frozen state of one aggregate; each kind has its own struct.
State = Any
Row = tuple[Any, ...]


class Key(NamedTuple):
    """One aggregate: its kind, and its id within an initiative and a record key."""

    kind: str
    initiative: str
    record: str
    id: str


class Identity(NamedTuple):
    """What makes two records the same event."""

    initiative: str
    record: str
    source: str
    id: str


@dataclass(frozen=True)
class Ending:
    """What a person's erasure settles besides: rows that hold `held` in `column` become these values elsewhere.

    All of it is text, written into the table's declaration and never taken from an event.
    """

    column: str
    held: str
    becomes: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """A table of a read model; the block `create` in `sql` makes it, naming no schema, as do blocks that read.

    `columns` gives each column's PostgreSQL type, the key's columns first; a row is a tuple in that order.
    How rows are written follows from here: an appended table takes each row once; others are upserted, the
    last row of a batch for a key winning, but for columns in `adds`, in which a row's number is added to what
    stands there.  A kind's table has its aggregates' key: initiative, record, id.
    """

    name: str
    columns: Mapping[str, str]
    key: tuple[str, ...]
    sql: Path
    append: bool = False
    #: Columns set to null, with `erased` set to true, when the person (initiative, record key) is erased.
    erasable: tuple[str, ...] | None = None
    #: What the same erasure ends.  The rows are found by the person alone, so no aggregate is loaded for it.
    ending: Ending | None = None
    #: Columns that are sums; together with the key they are all there is.
    adds: tuple[str, ...] = ()

    @property
    def of_records(self) -> bool:
        """Whether each row belongs to one record key, as its own key says."""
        return self.key[:2] == ("initiative", "record")

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {name: index for index, name in enumerate(self.columns)}

    def place(self, column: str) -> int:
        """Return where the column stands in a row.  Raises KeyError when there is none of that name."""
        return self._places[column]


@dataclass(frozen=True)
class Kind:
    """A kind of aggregate: the table of its rows, of which the board is more columns."""

    table: Table
    #: The state as stored (canonical JSON) → the state.
    decode: Callable[[str], State]
    #: The aggregate and its state → its row; the table's `state` column holds the canonical JSON.
    row: Callable[[Key, State], Row]


class At(msgspec.Struct, frozen=True, gc=False):
    """Where and when a record stands: all that a rule may know beside the event and the states."""

    partition: Partition
    offset: int
    #: When it was recorded: the partition's clock.
    recorded: datetime
    #: When it counts: the recorded time, in a backfill the event's own `time`.
    instant: datetime


class Case(msgspec.Struct, frozen=True, gc=False):
    """What a rule judges by: the states of the aggregates it asked for (absent when unknown), and the time."""

    states: Mapping[Key, State]
    at: At


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One judged event, as views see it: the ruling, and the states it changed."""

    event: Event
    ruling: Ruling
    at: At
    changed: Mapping[Key, State]
    #: What was known before, where anything was: of the aggregates changed, else of those that the event names.
    before: Mapping[Key, State] = msgspec.field(default_factory=dict)


class View(Protocol):
    """Rows of a table of its own, made from each entry.  When it fails on an aggregate it is parked there."""

    @property
    def table(self) -> Table: ...

    def aggregate(self, event: Event) -> Key:
        """Return the aggregate whose later entries wait behind this one when it parks."""
        ...

    def rows(self, entry: Entry) -> Iterable[Row]:
        """Return the rows that the entry adds or replaces; pure."""
        ...


@runtime_checkable
class Selecting(View, Protocol):
    """A view that makes rows of some types of event alone; it is asked of no others."""

    @property
    def types(self) -> frozenset[type[Event]]: ...


@runtime_checkable
class Hearing(View, Protocol):
    """A view that is told, too, when the id of an earlier event is used for something else."""

    def reused(self, entry: Entry) -> Iterable[Row]:
        """Return the rows that such an entry adds or replaces; it is refused and changes no state."""
        ...


class Projection(Protocol):
    """A named, versioned fold of one topic.  Everything here is pure."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def topic(self) -> Topic: ...
    @property
    def rulebook(self) -> Rulebook: ...
    @property
    def kinds(self) -> Mapping[str, Kind]: ...
    @property
    def views(self) -> tuple[View, ...]: ...

    def needs(self, event: Event) -> tuple[Key, ...]:
        """Return the aggregates that the event's rule looks at."""
        ...

    def also(self, event: Event, states: Mapping[Key, State]) -> tuple[Key, ...]:
        """Return the further aggregates that the states of the first ones lead to."""
        ...

    def evolve(self, event: Event, case: Case) -> Mapping[Key, State]:
        """Return every aggregate that an applied event changes, in its new state."""
        ...

    def erases(self, event: Event) -> bool:
        """Say whether the applied event erases the person who is its record key."""
        ...
