"""records ▶ read ▶ judge ▶ evolve ▶ view, for one batch of one partition.

There is no other way from the log to a table: live processors, rebuilds, replays and tests all walk
through here; only the source of records and the store differ.  Folding is pure: no clock, no I/O.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from events.catalogue import Event
from events.codec import UnknownType, Unreadable, read
from projections.batch import Folded, Parked, Refusal, Seen, Waiting
from projections.parking import FAILURES, describe, frozen
from projections.projection import At, Case, Entry, Identity, Key, Projection, Row, State, View
from projections.record import Partition, Position, Record, fingerprint
from projections.ruling import Duplicate, Refused, Ruling
from projections.timeline import identity


@dataclass(frozen=True, slots=True)
class Read:
    """A record of the batch with what it says."""

    record: Record
    event: Event | Unreadable


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one partition over [start, stop), read; `unknown` names the type that ended it early."""

    partition: Partition
    start: int
    stop: int
    reads: Sequence[Read]
    unknown: str | None = None

    @property
    def events(self) -> Iterable[Event]:
        return (item.event for item in self.reads if not isinstance(item.event, Unreadable))


@dataclass(slots=True)
class Known:
    """What the store held for a batch before it was folded."""

    position: Position
    states: dict[Key, State]
    seen: dict[Identity, Seen]
    waiting: set[Waiting] = field(default_factory=set)
    #: Rows by table that the store refused when this batch was folded before, each with the database's code.
    refused: dict[str, list[tuple[Row, str]]] = field(default_factory=dict)


def read_batch(projection: Projection, partition: Partition, start: int, records: Sequence[Record]) -> Batch:
    """Read the records; a type that this build does not know ends the batch before its record."""
    reads: list[Read] = []
    for record in records:
        try:
            reads.append(Read(record, read(projection.topic, record.key, record.value)))
        except UnknownType as unknown:
            return _batch(partition, start, reads, unknown.name)
    return _batch(partition, start, reads)


def _batch(partition: Partition, start: int, reads: list[Read], unknown: str | None = None) -> Batch:
    return Batch(partition, start, reads[-1].record.offset + 1 if reads else start, reads, unknown)


def needed(projection: Projection, batch: Batch) -> set[Key]:
    """Return the aggregates that the batch's rules look at."""
    return {key for event in batch.events for key in projection.needs(event)}


def further(projection: Projection, batch: Batch, states: Mapping[Key, State]) -> set[Key]:
    """Return the aggregates that stored states lead to, beyond those needed already."""
    found = {key for event in batch.events for key in projection.also(event, states)}
    return found - states.keys()


class Fold:
    """Folds one batch over what the store knew; `states` are the aggregates as the batch leaves them."""

    def __init__(self, projection: Projection, batch: Batch, known: Known) -> None:
        self._projection = projection
        self._batch = batch
        self._clock = known.position.clock
        self._seen = dict(known.seen)
        self._waiting = set(known.waiting)
        self._refused = known.refused
        self._views: dict[str, dict[Row, Row] | list[Row]] = {}
        self.states = dict(known.states)
        self.changed: dict[Key, State] = {}
        self.folded = Folded(batch.partition, batch.start, known.position)

    def run(self) -> Folded:
        """Fold every record in order and return what is to be committed."""
        for item in self._batch.reads:
            self._clock = max(self._clock, item.record.timestamp)
            if isinstance(item.event, Unreadable):
                self._unreadable(item.record, item.event)
            else:
                self._event(item.record.offset, item.event)
        self._aggregate_rows()
        for name, rows in self._views.items():
            self.folded.rows[name] = list(rows.values()) if isinstance(rows, dict) else rows
        self.folded.position = self._position()
        return self.folded

    def _position(self) -> Position:
        before = self.folded.position
        last = self._batch.reads[-1].record if self._batch.reads else None
        return replace(
            before,
            next_offset=self._batch.stop,
            clock=self._clock,
            last_hash=fingerprint(last) if last else before.last_hash,
            rule=max(before.rule, self._projection.rulebook.highest),
        )

    def _unreadable(self, record: Record, found: Unreadable) -> None:
        self.folded.refusals.append(
            Refusal(record.offset, "unreadable", found.reason, self._clock, None, None, None, fingerprint(record))
        )

    def _event(self, offset: int, event: Event) -> None:
        who = identity(event)
        digest = bytes.fromhex(event.data.admitted.digest)
        first = self._seen.get(who)
        if first is not None:
            self._again(offset, event, first, digest)
            return
        self._seen[who] = Seen(offset, digest)
        at = self._at(offset, event)
        entry = self._judged(event, at)
        if isinstance(entry.ruling, Refused):
            self._refuse(offset, event, entry.ruling)
        for view in self._projection.views:
            self._view(view, entry)

    def _again(self, offset: int, event: Event, first: Seen, digest: bytes) -> None:
        if first.digest != digest:
            self._refuse(offset, event, Refused("id-reused"))
            return
        who = identity(event)
        self.folded.copies[who] = self.folded.copies.get(who, 0) + 1

    def _at(self, offset: int, event: Event) -> At:
        recorded = datetime.fromtimestamp(self._clock / 1000, UTC)
        instant = event.time if event.data.admitted.backfill is not None else recorded
        return At(self._batch.partition, offset, recorded, instant)

    def _judged(self, event: Event, at: At) -> Entry:
        judge = self._projection.rulebook.judge(event.type, self._clock)
        case = Case(self.states, at)
        ruling: Ruling = Refused("unreadable", "no-rule") if judge is None else judge(event, case)
        changed: Mapping[Key, State] = {}
        if not isinstance(ruling, Refused | Duplicate):
            changed = self._projection.evolve(event, case)
            self.states.update(changed)
            self.changed.update(changed)
            if self._projection.erases(event):
                self.folded.erased.append((event.initiative, event.partitionkey))
        return Entry(event, ruling, at, changed)

    def _refuse(self, offset: int, event: Event, refused: Refused) -> None:
        self.folded.refusals.append(
            Refusal(
                offset,
                refused.code,
                refused.detail,
                self._clock,
                identity(event),
                event.type,
                event.subject,
                None,
            )
        )

    def _view(self, view: View, entry: Entry) -> None:
        waiting = Waiting(view.table.name, view.aggregate(entry.event))
        error: str | None = None
        if waiting not in self._waiting:
            try:
                rows = list(view.rows(entry))
            except FAILURES as failure:
                error = describe(failure)
            else:
                error = self._unstorable(view, rows)
                if error is None:
                    self._take(view, rows)
                    return
        self._waiting.add(waiting)
        self.folded.parked.append(
            Parked(
                waiting,
                entry.at.offset,
                identity(entry.event),
                bytes.fromhex(entry.event.data.admitted.digest),
                error,
                frozen(entry),
            )
        )

    def _unstorable(self, view: View, rows: list[Row]) -> str | None:
        refused = self._refused.get(view.table.name, ())
        code = next((code for row, code in refused if row in rows), None)
        return None if code is None else f"SQLSTATE {code} in {view.table.name}"

    def _take(self, view: View, rows: list[Row]) -> None:
        table = view.table
        if table.append:
            held = self._views.setdefault(table.name, [])
            assert isinstance(held, list)
            held.extend(rows)
            return
        latest = self._views.setdefault(table.name, {})
        assert isinstance(latest, dict)
        width = len(table.key)
        latest.update((row[:width], row) for row in rows)

    def _aggregate_rows(self) -> None:
        for key, state in self.changed.items():
            kind = self._projection.kinds[key.kind]
            self.folded.rows.setdefault(kind.table.name, []).append(kind.row(key, state))
