"""How far a partition is read, in one assignment and over one set of connections, and the batches that come of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from faust.types import TP

from projections.record import Position, Record, fingerprint


class Stop(NamedTuple):
    """Why a partition is folded no further: a code of `events.codes`, and the offset it stands at."""

    code: str
    offset: int
    #: A failure's type and place, never its data.
    error: str | None = None


@dataclass(eq=False, slots=True)
class Cursor:
    """Where one seek has read to.  Another assignment, or a connection made anew, makes it invalid."""

    assignment: Any
    #: Counts what happened to the connections; see `LogThread.era`.
    era: int
    #: The offset of the next batch's start.
    offset: int
    #: Fingerprint that the record before `offset` must have, which is read first; None once it was found so.
    proof: bytes | None

    def take(self, tp: TP, records: Sequence[Record]) -> "Batch | Stop | None":
        """Move over the records and return them as a batch; a Stop when the log is not the one that was folded."""
        if self.proof is not None:
            first, records = records[0], records[1:]
            if first.offset != self.offset - 1:
                return Stop("log-cut", self.offset)
            if fingerprint(first) != self.proof:
                return Stop("log-replaced", self.offset)
            self.proof = None
        if not records:
            return None
        start, self.offset = self.offset, records[-1].offset + 1
        return Batch(tp, start, self.offset, records, self)


@dataclass(eq=False, slots=True)
class Batch:
    """The records of one partition over [start, stop), as one cursor read them."""

    tp: TP
    start: int
    stop: int
    records: Sequence[Record]
    cursor: Cursor

    @property
    def size(self) -> int:
        """Bytes of the records' values."""
        return sum(len(record.value or b"") for record in self.records)


def misplaced(position: Position, proven: bool, first: int, end: int) -> str | None:
    """Return the code for a log [first, end) that cannot be read on from the position, or None when it can.

    `proven` positions need the record before them as well.
    """
    if end < position.next_offset:
        return "log-cut"
    if first > position.next_offset - proven:
        return "history-missing"
    return None
