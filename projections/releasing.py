"""What was parked, offered to its view again in order; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from events.catalogue import Event
from projections.batch import Parked
from projections.parking import FAILURES, describe, thawed
from projections.projection import Projection, Row, View
from projections.record import Partition
from projections.ruling import Refused
from projections.views import Views

#: Of each person (initiative, record key) that was erased: the offset of the last erasure.
Erased = Mapping[tuple[str, str], int]
_REUSED = "id-reused"


@dataclass(frozen=True)
class Held:
    """One parked entry with its event, and how often the same event came again meanwhile."""

    parked: Parked
    event: Event
    copies: int


@dataclass(frozen=True)
class Released:
    """The rows that the view made of one aggregate's entries, how many these were, and why the next one failed."""

    rows: Sequence[Row]
    entries: int
    error: str | None = None
    #: Rows that later ones took the place of and that no store would have taken, each with its code.
    unstorable: Sequence[tuple[Row, str]] = ()


def release(
    projection: Projection,
    partition: Partition,
    held: Sequence[Held],
    erased: Erased,
    refused: Mapping[str, Sequence[tuple[Row, str]]],
) -> Released:
    """Offer the entries of one aggregate of one view to it again, as far as it takes them.

    `refused` are rows that the store was found not to take.  Raises whatever a view may not fail with.
    """
    view = view_of(projection, held[0].parked.waiting.view)
    views = Views([view], set(), refused)
    person = held[0].parked.identity[:2]
    erasing = erased.get(person)
    taken, error = 0, None
    for each in held:
        if erasing is not None and each.parked.offset > erasing:
            views.erase(person)
            erasing = None
        error = _offer(projection, partition, views, each)
        if error is not None:
            break
        taken += 1
    if erasing is not None:
        views.erase(person)
    rows = views.rows().get(view.table.name, [])
    counted = _with_copies(view, rows, held[:taken])
    return Released(counted, taken, error, views.unstorable().get(view.table.name, ()))


def view_of(projection: Projection, name: str) -> View:
    """Return the view whose table has this name.  Raises KeyError when the projection has none."""
    return {view.table.name: view for view in projection.views}[name]


def _offer(projection: Projection, partition: Partition, views: Views, held: Held) -> str | None:
    """Return why the view did not take the entry, or None."""
    parked = held.parked
    try:
        entry = thawed(parked.entry, held.event, (partition, parked.offset), projection.kinds)
    except FAILURES as failure:
        return describe(failure)
    offer = views.reused if entry.ruling == Refused(_REUSED) else views.take
    offer(entry, parked.identity, parked.digest)
    return views.parked[0].error if views.parked else None


def _with_copies(view: View, rows: Sequence[Row], held: Sequence[Held]) -> Sequence[Row]:
    """Return the rows with how often each event came again, where the view's table counts that."""
    if view.table.name != "timeline":
        return rows
    place, width = view.table.place("copies"), len(view.table.key)
    copies = {tuple(each.parked.identity): each.copies for each in held}
    return [(*row[:place], row[place] + copies[row[:width]], *row[place + 1 :]) for row in rows]
