"""The views of one batch: their rows as they add up, and what is parked of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from events.catalogue import Event
from projections.batch import Parked, Waiting
from projections.columns import refused
from projections.parking import FAILURES, describe, frozen
from projections.projection import Entry, Hearing, Identity, Row, Selecting, Table, View
from projections.tables import added, erase

Made = Callable[[Entry], Iterable[Row]]


class _Shelf:
    """One view's rows so far: in order where the table is appended, else the latest or the sum for each key."""

    __slots__ = ("adds", "append", "appended", "hears", "hidden", "latest", "made", "types", "view", "width")

    def __init__(self, view: View) -> None:
        self.view = view
        self.made = view.rows
        self.hears = view.reused if isinstance(view, Hearing) else None
        self.types = view.types if isinstance(view, Selecting) else None
        self.append, self.adds = view.table.append, bool(view.table.adds)
        self.width = len(view.table.key)
        self.appended: list[Row] = []
        self.latest: dict[Row, Row] = {}
        #: Rows that the store will not see, as later ones of the batch took their place.
        self.hidden: list[Row] = []

    def take(self, rows: Iterable[Row]) -> None:
        if self.append:
            self.appended.extend(rows)
            return
        for row in rows:
            key = row[: self.width]
            before = self.latest.get(key)
            if before is None:
                self.latest[key] = row
            elif self.adds:
                self.latest[key] = added(self.view.table, before, row)
            else:
                self.hidden.append(before)
                self.latest[key] = row

    def erase(self, person: tuple[str, str]) -> None:
        if self.view.table.erasable is not None:
            self.appended = [self._erased(row) if row[:2] == person else row for row in self.appended]
            self.latest = {key: self._erased(row) if row[:2] == person else row for key, row in self.latest.items()}

    def _erased(self, row: Row) -> Row:
        self.hidden.append(row)
        return erase(self.view.table, row)


class Views:
    """Offers each entry to every view; one that fails, or whose aggregate waits already, parks the entry."""

    def __init__(
        self, views: Iterable[View], waiting: set[Waiting], refused: Mapping[str, Sequence[tuple[Row, str]]]
    ) -> None:
        self._shelves = [_Shelf(view) for view in views]
        #: Those that are asked of each type of event, found when the first of it comes.
        self._asked: dict[type[Event], list[_Shelf]] = {}
        self._waiting = set(waiting)
        self._refused = refused
        self.parked: list[Parked] = []

    def rows(self) -> dict[str, list[Row]]:
        """Return every view's rows by table name, leaving out tables without any."""
        rows = {shelf.view.table.name: shelf.appended or list(shelf.latest.values()) for shelf in self._shelves}
        return {name: found for name, found in rows.items() if found}

    def unstorable(self) -> dict[str, list[tuple[Row, str]]]:
        """Return the rows that no store would have taken, had a batch ended behind them, each with its code."""
        hidden = [(shelf.view.table, shelf.hidden) for shelf in self._shelves if shelf.hidden]
        found = {
            table.name: [(rows[place], code) for place, code in refused(table, rows).items()] for table, rows in hidden
        }
        return {name: rows for name, rows in found.items() if rows}

    def take(self, entry: Entry, identity: Identity, digest: bytes) -> None:
        """Add the rows that the entry makes in each view that has any of its type."""
        kind = type(entry.event)
        asked = self._asked.get(kind)
        if asked is None:
            asked = [shelf for shelf in self._shelves if shelf.types is None or kind in shelf.types]
            self._asked[kind] = asked
        for shelf in asked:
            self._offer(shelf, shelf.made, entry, (identity, digest))

    def reused(self, entry: Entry, identity: Identity, digest: bytes) -> None:
        """Add what the entry makes in the views that hear of ids used for something else."""
        for shelf in self._shelves:
            if shelf.hears is not None:
                self._offer(shelf, shelf.hears, entry, (identity, digest))

    def _offer(self, shelf: _Shelf, made: Made, entry: Entry, said: tuple[Identity, bytes]) -> None:
        if self._waiting and self._spot(shelf.view, entry) in self._waiting:
            self._park(shelf.view, entry, said, None)
            return
        try:
            rows = tuple(made(entry))
        except FAILURES as failure:
            self._park(shelf.view, entry, said, describe(failure))
            return
        if not rows:
            return
        refusal = self._refusal(shelf.view.table, rows) if self._refused else None
        if refusal:
            self._park(shelf.view, entry, said, refusal)
        else:
            shelf.take(rows)

    def erase(self, person: tuple[str, str]) -> None:
        """Take from the rows so far what the person's erasure takes from stored ones."""
        for shelf in self._shelves:
            shelf.erase(person)

    def _spot(self, view: View, entry: Entry) -> Waiting:
        return Waiting(view.table.name, view.aggregate(entry.event))

    def _refusal(self, table: Table, rows: Sequence[Row]) -> str | None:
        """Return why one of the rows cannot be stored; a sum that cannot is one of rows with the same key."""
        width = len(table.key) if table.adds else len(table.columns)
        made = {row[:width] for row in rows}
        code = next((code for row, code in self._refused.get(table.name, ()) if row[:width] in made), None)
        return code and f"SQLSTATE {code} in {table.name}"

    def _park(self, view: View, entry: Entry, said: tuple[Identity, bytes], error: str | None) -> None:
        spot = self._spot(view, entry)
        self._waiting.add(spot)
        self.parked.append(Parked(spot, entry.at.offset, *said, error, frozen(entry)))
