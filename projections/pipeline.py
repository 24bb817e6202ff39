"""records ▶ read ▶ judge ▶ evolve ▶ view, for one batch of one partition.

There is no other way from the log to a table: live processors, rebuilds, replays and tests all walk
through here; only the source of records and the store differ.  Folding is pure: no clock, no I/O.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import NamedTuple

from events.catalogue import Event
from events.codec import UnknownType, Unreadable, read
from projections.batch import Folded, Refusal, Seen, Waiting
from projections.projection import At, Case, Entry, Identity, Key, Projection, Row, State
from projections.record import Home, Partition, Position, Record, fingerprint
from projections.ruling import Duplicate, Refused, Ruling
from projections.tables import erase
from projections.timeline import identity
from projections.views import Views

NO_RULE = Refused("unreadable", "no-rule")
ID_REUSED = Refused("id-reused")
#: Folded where it stands, it would change an aggregate that another partition orders, in no order with the rest.
ASTRAY = Unreadable("wrong-partition")
_CHANGES_NOTHING = (Refused, Duplicate)


class Read(NamedTuple):
    """A record of the batch with what it says, and which event that is."""

    record: Record
    event: Event | Unreadable
    identity: Identity | None


@dataclass(frozen=True)
class Batch:
    """Records of one partition over [start, stop), read; `unknown` names the type that ended it early."""

    partition: Partition
    start: int
    stop: int
    reads: Sequence[Read]
    unknown: str | None = None

    @cached_property
    def events(self) -> Sequence[Event]:
        return [event for _, event, _ in self.reads if type(event) is not Unreadable]

    @property
    def identities(self) -> set[Identity]:
        return {identity for _, _, identity in self.reads if identity is not None}


@dataclass(slots=True)
class Known:
    """What the store held for a batch before it was folded."""

    position: Position
    states: dict[Key, State]
    #: None when it was not asked for.
    seen: dict[Identity, Seen] | None = None
    waiting: set[Waiting] = field(default_factory=set)
    #: Rows by table that the store refused when this batch was folded before, each with the database's code.
    refused: dict[str, list[tuple[Row, str]]] = field(default_factory=dict)


def read_batch(
    projection: Projection, home: Home, partition: Partition, start: int, records: Sequence[Record]
) -> Batch:
    """Read the records; a type that this build does not know ends the batch before its record.

    An event whose key is at home in another partition is unreadable here, whatever its type.
    """
    reads: list[Read] = []
    unknown: str | None = None
    for record in records:
        found: Event | Unreadable | UnknownType
        try:
            found = read(projection.topic, record.key, record.value)
        except UnknownType as newer:
            found = newer
        if type(found) is not Unreadable and (record.key is None or home(record.key) != partition.number):
            found = ASTRAY
        if isinstance(found, UnknownType):
            unknown = found.name
            break
        reads.append(Read(record, found, None if type(found) is Unreadable else identity(found)))
    stop = reads[-1].record.offset + 1 if reads else start
    return Batch(partition, start, stop, reads, unknown)


def needed(projection: Projection, batch: Batch) -> set[Key]:
    """Return the aggregates that the batch's rules look at."""
    needs = projection.needs
    return {key for event in batch.events for key in needs(event)}


def further(projection: Projection, batch: Batch, states: Mapping[Key, State]) -> set[Key]:
    """Return the aggregates that stored states lead to, beyond those needed already."""
    also = projection.also
    found = {key for event in batch.events for key in also(event, states)}
    return found - states.keys()


class Fold:
    """Folds one batch over what the store knew; `states` are the aggregates as the batch leaves them."""

    def __init__(self, projection: Projection, batch: Batch, known: Known) -> None:
        self._projection = projection
        self._batch = batch
        self._seen = dict(known.seen or {})
        self._views = Views(projection.views, known.waiting, known.refused)
        # Looked up once for thousands of events.
        self._judge, self._evolve, self._erases = projection.rulebook.judge, projection.evolve, projection.erases
        self._clock = known.position.clock
        self._recorded = _instant(self._clock)
        self._erased: set[Key] = set()
        self.states = dict(known.states)
        self.changed: dict[Key, State] = {}
        #: How long each changed state is as JSON, in characters.
        self.weights: dict[Key, int] = {}
        self.folded = Folded(batch.partition, batch.start, known.position)

    def run(self) -> Folded:
        """Fold every record in order and return what is to be committed."""
        for record, event, who in self._batch.reads:
            if record.timestamp > self._clock:
                self._clock = record.timestamp
                self._recorded = _instant(self._clock)
            if who is None or type(event) is Unreadable:
                self._unreadable(record, event)
            else:
                self._event(record.offset, event, who)
        self._aggregate_rows()
        self.folded.rows |= self._views.rows()
        self.folded.parked = self._views.parked
        self.folded.position = self._position()
        return self.folded

    def unstorable(self) -> dict[str, list[tuple[Row, str]]]:
        """Return the views' rows, by table, that a store would have refused had the batch been cut behind them.

        With these in `Known.refused` the batch is to be folded again: what parks must not depend on the cut.
        """
        return self._views.unstorable()

    def _position(self) -> Position:
        before = self.folded.position
        reads = self._batch.reads
        return Position(
            next_offset=self._batch.stop,
            clock=self._clock,
            last_hash=fingerprint(reads[-1].record) if reads else before.last_hash,
            rule=self._projection.rulebook.highest,
        )

    def _unreadable(self, record: Record, found: Event | Unreadable) -> None:
        reason = found.reason if isinstance(found, Unreadable) else None
        self.folded.refusals.append(
            Refusal(record.offset, "unreadable", reason, self._clock, None, None, None, fingerprint(record))
        )

    def _event(self, offset: int, event: Event, who: Identity) -> None:
        admitted = event.data.admitted
        digest = bytes.fromhex(admitted.digest)
        first = self._seen.get(who)
        instant = self._recorded if admitted.backfill is None else event.time
        at = At(self._batch.partition, offset, self._recorded, instant)
        if first is not None:
            self._again(Entry(event, ID_REUSED, at, {}), who, digest, first.digest == digest)
            return
        self._seen[who] = Seen(offset, digest)
        entry = self._judged(event, at)
        self._views.take(entry, who, digest)
        if type(entry.ruling) is Refused:
            self._refuse(offset, event, who, entry.ruling)
        elif self._erases(event):
            self._erase((event.initiative, event.partitionkey))

    def _again(self, reused: Entry, who: Identity, digest: bytes, same: bool) -> None:
        if same:
            self.folded.copies[who] = self.folded.copies.get(who, 0) + 1
        else:
            self._refuse(reused.at.offset, reused.event, who, ID_REUSED)
            self._views.reused(reused, who, digest)

    def _judged(self, event: Event, at: At) -> Entry:
        judge = self._judge(event.type, self._clock)
        case = Case(self.states, at)
        ruling: Ruling = NO_RULE if judge is None else judge(event, case)
        if isinstance(ruling, _CHANGES_NOTHING):
            return Entry(event, ruling, at, {}, self._held(self._projection.needs(event)))
        changed = self._evolve(event, case)
        before = self._held(changed)
        self.states.update(changed)
        self.changed.update(changed)
        if self._erased:
            self._erased.difference_update(changed)
        return Entry(event, ruling, at, changed, before)

    def _held(self, keys: Iterable[Key]) -> dict[Key, State]:
        states = self.states
        return {key: states[key] for key in keys if key in states}

    def _refuse(self, offset: int, event: Event, who: Identity, refused: Refused) -> None:
        said = (event.type, event.subject)
        self.folded.refusals.append(
            Refusal(offset, refused.code, refused.detail, self._clock, who, *said, None),
        )

    def _erase(self, person: tuple[str, str]) -> None:
        """Erase the rows made so far; those stored are erased before this batch's rows are written."""
        self.folded.erased.append(person)
        self._views.erase(person)
        self._erased.update(key for key in self.changed if (key.initiative, key.record) == person)

    def _aggregate_rows(self) -> None:
        rows, kinds = self.folded.rows, self._projection.kinds
        places = {name: kind.table.place("state") for name, kind in kinds.items()}
        for key, state in self.changed.items():
            kind = kinds[key.kind]
            row = kind.row(key, state)
            self.weights[key] = len(row[places[key.kind]])
            if self._erased and key in self._erased and kind.table.erasable is not None:
                row = erase(kind.table, row)
            rows.setdefault(kind.table.name, []).append(row)


def _instant(clock_ms: int) -> datetime:
    return datetime.fromtimestamp(clock_ms / 1000, UTC)
