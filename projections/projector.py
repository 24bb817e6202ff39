"""A projection at work: batches of records in, committed rows out, with the states in use kept at hand."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from projections.batch import Fenced, Folded, Repeated, RowRefused, Store, Waiting
from projections.cache import Cache
from projections.pipeline import Batch, Fold, Known, further, needed, read_batch
from projections.projection import Key, Projection, Row, State
from projections.record import Home, Partition, Position, Record
from projections.rulebook import RulebookOutdated

_encoder = msgspec.json.Encoder()
Refused = dict[str, list[tuple[Row, str]]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one batch.  `unknown` names a type of this log that ended it before its end."""

    position: Position
    events: int
    refused: int
    duplicates: int
    parked: int
    unknown: str | None = None


@dataclass(slots=True)
class _Held:
    """What is at hand of one open partition, all of it as committed."""

    position: Position
    waiting: set[Waiting]
    states: Cache = field(default_factory=Cache)
    #: The last batch held an event that stood in the timeline already.
    repeats: bool = False

    @property
    def asks(self) -> bool:
        """Whether what was seen is asked for before folding.

        Events seldom come again, and the timeline's key finds one that does; it cannot find one that is parked.
        """
        return self.repeats or any(waiting.view == "timeline" for waiting in self.waiting)


class Projector:
    """Folds batches of the open partitions into a store; one batch at a time for each partition."""

    def __init__(
        self,
        projection: Projection,
        store: Store,
        home: Home,
        cache_states: int = 50_000,
        cache_bytes: int = 32 << 20,
    ) -> None:
        """`home` says where each key's records belong: those that stand elsewhere are refused.

        `cache_states` and `cache_bytes` (of states as JSON) bound what all open partitions keep together.
        """
        self._projection = projection
        self._store = store
        self._home = home
        self._cache_states = cache_states
        self._cache_bytes = cache_bytes
        self._open: dict[Partition, _Held] = {}

    @property
    def cached(self) -> int:
        """How many states are kept at hand."""
        return sum(len(held.states) for held in self._open.values())

    async def open(self, partition: Partition) -> Position:
        """Return where the partition stands, with nothing of it at hand but its waiting views.

        Raises RulebookOutdated when a rule comes too late for what was folded already.
        """
        self.close(partition)
        position = (await self._store.positions([partition]))[partition]
        late = self._projection.rulebook.outdated([position])
        if late:
            raise RulebookOutdated(late)
        self._open[partition] = _Held(position, await self._store.waiting(partition))
        return position

    def close(self, partition: Partition) -> None:
        """Let go of what is at hand of the partition."""
        self._open.pop(partition, None)

    async def project(self, partition: Partition, start: int, records: Sequence[Record]) -> Outcome:
        """Fold the records, which begin at `start`, and commit what comes of them.

        Raises Fenced when the stored position is not `start`, RowRefused when an aggregate's own row cannot be
        stored, and whatever a rule or the store fails with.  After any failure nothing is at hand any more
        and the partition is opened anew by the next batch.
        """
        if partition not in self._open:
            await self.open(partition)
        held = self._open.pop(partition)
        if held.position.next_offset != start:
            raise Fenced
        batch = read_batch(self._projection, self._home, partition, start, records)
        known = await self._known(held, batch)
        fold = await self._committed(batch, known)
        self._keep(held, fold, known)
        self._open[partition] = held
        return _outcome(batch, fold.folded)

    async def _known(self, held: _Held, batch: Batch) -> Known:
        keys = needed(self._projection, batch)
        states = await self._states(held, keys)
        more = further(self._projection, batch, states) - keys
        if more:
            states |= await self._states(held, more)
        seen = await self._store.seen(batch.identities) if held.asks else None
        return Known(held.position, states, seen, held.waiting)

    async def _states(self, held: _Held, keys: set[Key]) -> dict[Key, State]:
        found = held.states.find(keys)
        missing = keys - found.keys()
        return found | await self._store.load(missing) if missing else found

    async def _committed(self, batch: Batch, known: Known) -> Fold:
        """Commit the batch, folded again with a view parked for as long as there are rows that cannot be stored.

        When what was seen was not asked for and anything is in the way, that is asked first.
        """
        while True:
            fold = Fold(self._projection, batch, known)
            folded = fold.run()
            if batch.stop == batch.start:
                return fold
            asked = known.seen is not None
            refused: Refused | None = fold.unstorable()
            if not refused and (asked or not folded.parked):
                refused = await self._refused(folded, asked=asked)
            if refused is None:
                return fold
            if not asked:
                known.seen = await self._store.seen(batch.identities)
                continue
            for table, rows in refused.items():
                known.refused.setdefault(table, []).extend(rows)

    async def _refused(self, folded: Folded, *, asked: bool) -> Refused | None:
        """Commit, and return None; or the rows that the store refused, which say nothing while nobody `asked`."""
        try:
            await self._store.commit(folded)
        except (Repeated, RowRefused) as failure:
            if not asked:
                return {}
            if isinstance(failure, RowRefused):
                return self._rows(folded, failure)
            raise
        return None

    def _rows(self, folded: Folded, refused: RowRefused) -> Refused:
        """Return the rows refused, so that their view parks; raises the refusal where no view can."""
        rows = [(folded.rows[refused.table][index], code) for index, code in refused.keys.items()]
        if not rows or refused.table not in {view.table.name for view in self._projection.views}:
            raise refused
        return {refused.table: rows}

    def _keep(self, held: _Held, fold: Fold, known: Known) -> None:
        held.position = fold.folded.position
        held.waiting |= {entry.waiting for entry in fold.folded.parked}
        held.repeats = bool(known.seen)
        held.states.take(fold.changed, fold.weights)
        loaded = {key: state for key, state in known.states.items() if key not in held.states}
        held.states.take(loaded, {key: len(_encoder.encode(state)) for key, state in loaded.items()})
        share = len(self._open) + 1
        held.states.trim(self._cache_states // share, self._cache_bytes // share)


def _outcome(batch: Batch, folded: Folded) -> Outcome:
    return Outcome(
        folded.position,
        len(batch.events),
        len(folded.refusals),
        sum(folded.copies.values()),
        len(folded.parked),
        batch.unknown,
    )
