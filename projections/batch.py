"""What goes into a store for one batch of one partition, and what comes out of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from projections.projection import Identity, Key, Row, State
from projections.record import Partition, Position


class Fenced(Exception):
    """The stored position is not where this batch starts: another owner moved it."""


class Repeated(Exception):
    """An event of the batch stands in the timeline already: what was seen is to be asked for first."""


class Away(Exception):
    """The store cannot be reached just now; nothing is known to be wrong with the batch, so it may be tried again."""


class Seen(NamedTuple):
    """An event that stands on the log already: where, and what it said."""

    offset: int
    digest: bytes


class Waiting(NamedTuple):
    """A view that is parked on an aggregate."""

    view: str
    key: Key


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record that changed nothing, and why; for what could not be read there is only its hash."""

    offset: int
    code: str
    detail: str | None
    recorded_ms: int
    identity: Identity | None
    type: str | None
    subject: str | None
    hash: bytes | None


@dataclass(frozen=True, slots=True)
class Parked:
    """An entry that a view could not take, or that waits behind one in order."""

    waiting: Waiting
    offset: int
    identity: Identity
    digest: bytes
    #: Why it failed: a type of error and its place, never the data; None for those that wait behind.
    error: str | None
    #: The ruling and the changed states as canonical JSON, to be tried again.
    entry: str


def behind(parked: Collection[Parked]) -> set[Waiting]:
    """Return where entries are to wait behind others that were parked by an earlier batch."""
    return {each.waiting for each in parked} - {each.waiting for each in parked if each.error is not None}


@dataclass(slots=True)
class Folded:
    """The outcome of folding one batch: one transaction's worth."""

    partition: Partition
    #: The offset the batch starts at: the stored position must stand there.
    start: int
    position: Position
    #: Rows by table name, coalesced: one per key for upserted tables, in order for appended ones.
    rows: dict[str, list[Row]] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    parked: list[Parked] = field(default_factory=list)
    #: How often each earlier event came again.
    copies: dict[Identity, int] = field(default_factory=dict)
    #: Persons (initiative, record key) erased in this batch: their stored rows are erased first, then rows are written.
    erased: list[tuple[str, str]] = field(default_factory=list)


class Store(Protocol):
    """Where a projection's rows and positions live: PostgreSQL, or memory, under one contract."""

    async def positions(self, partitions: Sequence[Partition]) -> dict[Partition, Position]:
        """Return each partition's position; one never folded stands at the beginning."""
        ...

    async def load(self, keys: Collection[Key]) -> dict[Key, State]:
        """Return the states of those aggregates that exist: a query per kind, whatever the count."""
        ...

    async def seen(self, identities: Collection[Identity]) -> dict[Identity, Seen]:
        """Return those events that stand in the timeline already, or wait parked for it."""
        ...

    async def waiting(self, partition: Partition) -> set[Waiting]:
        """Return the views parked on aggregates of this partition."""
        ...

    async def commit(self, folded: Folded) -> None:
        """Write rows, refusals, parked entries and the position in one transaction, or nothing.

        Raises Fenced when the stored position is not `folded.start` or an entry is to wait behind others that
        were released meanwhile, RowRefused when the store cannot take
        a view's row, and Repeated when the timeline holds one of its rows already.
        """
        ...


class RowRefused(Exception):
    """The store cannot hold a row of this view's table; the batch is folded again with the view parked there."""

    def __init__(self, table: str, keys: Mapping[int, str]) -> None:
        super().__init__(table)
        self.table = table
        #: Index of the row within the batch's rows for the table → the database's error code.
        self.keys = keys
