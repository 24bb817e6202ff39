"""The in-memory twin of the PostgreSQL store, held to the same contract: for tests, and for small projections."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import replace
from operator import itemgetter

from projections.batch import Fenced, Folded, Parked, Repeated, RowRefused, Seen, Waiting, behind
from projections.columns import TAKEN, refused
from projections.projection import Identity, Key, Projection, Row, State, Table
from projections.record import Partition, Position
from projections.refusal import REFUSAL, refusal_row
from projections.tables import added, erase, tables_of


class MemoryStore:
    """Tables, refusals, parked entries and positions of one projection, in dictionaries by primary key."""

    def __init__(self, projection: Projection) -> None:
        self._kinds = projection.kinds
        self._specs: dict[str, Table] = {table.name: table for table in (*tables_of(projection), REFUSAL)}
        self.tables: dict[str, dict[Row, Row]] = {name: {} for name in self._specs}
        self.parked: dict[tuple[Partition, int, str], Parked] = {}
        #: Copies of events that are parked and have no row in the timeline yet.
        self.copies: dict[Identity, int] = {}
        self._positions: dict[Partition, Position] = {}

    async def positions(self, partitions: Sequence[Partition]) -> dict[Partition, Position]:
        return {partition: self._positions.get(partition, Position()) for partition in partitions}

    async def load(self, keys: Collection[Key]) -> dict[Key, State]:
        found: dict[Key, State] = {}
        for key in keys:
            kind = self._kinds[key.kind]
            row = self.tables[kind.table.name].get(key[1:])
            if row is not None:
                found[key] = kind.decode(row[kind.table.place("state")])
        return found

    async def seen(self, identities: Collection[Identity]) -> dict[Identity, Seen]:
        wanted = set(identities)
        found = {
            entry.identity: Seen(entry.offset, entry.digest)
            for entry in self.parked.values()
            if entry.waiting.view == "timeline" and entry.identity in wanted
        }
        timeline = self._specs.get("timeline")
        if timeline is None:
            return found
        offset, digest = timeline.place("record_offset"), timeline.place("digest")
        rows = self.tables["timeline"]
        for identity in wanted & rows.keys():
            row = rows[identity]
            found[identity] = Seen(row[offset], row[digest])
        return found

    async def waiting(self, partition: Partition) -> set[Waiting]:
        return {entry.waiting for (of, _, _), entry in self.parked.items() if of == partition}

    async def commit(self, folded: Folded) -> None:
        if not self.stands(folded) or behind(folded.parked) - await self.waiting(folded.partition):
            raise Fenced
        self._check(folded)
        self._erase(folded)
        for name, rows in folded.rows.items():
            self._write(self._specs[name], rows)
        for refusal in folded.refusals:
            row = refusal_row(folded.partition, refusal)
            self.tables[REFUSAL.name][row[:3]] = row
        for entry in folded.parked:
            self.parked[folded.partition, entry.offset, entry.waiting.view] = entry
        for identity, count in folded.copies.items():
            self._copied(identity, count)
        self._positions[folded.partition] = replace(folded.position)

    def _write(self, table: Table, rows: Sequence[Row]) -> None:
        held, width = self.tables[table.name], len(table.key)
        for row in rows:
            before = held.get(row[:width]) if table.adds else None
            held[row[:width]] = row if before is None else added(table, before, row)

    async def vector(self) -> dict[Partition, Position]:
        return dict(sorted(self._positions.items()))

    async def stuck(self) -> list[tuple[Partition, Parked]]:
        return [(partition, entry) for (partition, _, _), entry in sorted(self.parked.items(), key=itemgetter(0))]

    async def rows(self, table: Table) -> AsyncIterator[Row]:
        for _, row in sorted(self.tables[table.name].items(), key=itemgetter(0)):
            yield row

    def stands(self, folded: Folded) -> bool:
        """Say whether the partition stands where the batch starts."""
        return self._positions.get(folded.partition, Position()).next_offset == folded.start

    def _check(self, folded: Folded) -> None:
        for name, rows in folded.rows.items():
            table = self._specs[name]
            found = refused(table, rows)
            if table.append:
                found |= self._taken(table, rows)
            if name == "timeline" and TAKEN in found.values():
                raise Repeated
            if found:
                raise RowRefused(name, found)

    def _taken(self, table: Table, rows: Sequence[Row]) -> dict[int, str]:
        keys = set(self.tables[table.name])
        found: dict[int, str] = {}
        for index, row in enumerate(rows):
            key = row[: len(table.key)]
            if key in keys:
                found[index] = TAKEN
            keys.add(key)
        return found

    def _erase(self, folded: Folded) -> None:
        for person in folded.erased:
            for name, table in self._specs.items():
                if table.erasable is not None:
                    rows = self.tables[name]
                    rows.update({key: erase(table, row) for key, row in rows.items() if row[:2] == person})

    def _copied(self, identity: Identity, count: int) -> None:
        rows = self.tables.get("timeline", {})
        row = rows.get(identity)
        if row is None:
            self.copies[identity] = self.copies.get(identity, 0) + count
            return
        place = self._specs["timeline"].place("copies")
        rows[identity] = (*row[:place], row[place] + count, *row[place + 1 :])
