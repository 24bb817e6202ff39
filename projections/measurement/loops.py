"""The marks that loop figures are counted from: a row each, never changed, so that earlier figures can be read."""

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import cast

from events.catalogue import CaseEvent, Event
from projections.measurement.counting import month
from projections.measurement.marks import MOVED, Mark, Told, changes, erasure
from projections.projection import Entry, Key, Row, Table
from projections.referral.keys import subject_key
from projections.referral.state import Referral
from projections.times import utc

LOOP = Table(
    name="loop",
    columns={
        "initiative": "text",
        "record": "uuid",
        "record_offset": "int8",
        "number": "int2",
        "partition": "int4",
        "referral": "uuid",
        "offer": "uuid",
        "need_month": "date",
        "month": "date",
        "mark": "text",
        "happened": "timestamptz",
        "value": "text",
        "detail": "text",
        "recorded": "timestamptz",
        "source": "text",
        "event": "uuid",
        "sender": "text",
        "recipient": "text",
        "service": "uuid",
        "need": "text",
        "area": "text",
        "programme_class": "text",
        "protected": "bool",
        "backfilled": "bool",
    },
    key=("initiative", "record", "record_offset", "number"),
    sql=Path(__file__).with_name("loops.sql"),
    append=True,
)
_UNCUT: Row = (None,) * 8
#: What a row says of a referral: its id, the offer's, the need's month and the offer's own, and the mark.
_Said = tuple[str | None, str | None, date | None, date | None, Mark]


class Loops:
    """At most nine rows an event for each offer it changes, and a few for the need; `mark` says what happened.

    A later row about the same thing takes the earlier one's place from its own record on.  An empty `happened`
    says that it is not so any more, as with an outcome that was seen and then corrected.
    """

    table = LOOP

    def aggregate(self, event: Event) -> Key:
        return subject_key(cast(CaseEvent, event))

    def rows(self, entry: Entry) -> Iterable[Row]:
        if not entry.changed:
            return ()
        return [_row(entry, number, said) for number, said in enumerate(_said(entry))]


def _said(entry: Entry) -> Iterator[_Said]:
    for key, after in entry.changed.items():
        before = entry.before.get(key)
        if key.kind == "referral":
            first = _month(after)
            for told in changes(before, after):
                yield (key.id, told.id, first, _own(told, first), told.mark)
        elif key.kind == "client":
            gone = erasure(before, after, utc(entry.event.time))
            if gone is not None:
                yield (None, None, None, None, gone)


def _month(referral: Referral) -> date | None:
    """Return the month that the need is found by: of the first offer for it, in the log's order, or of its hand-off.

    It counts there, too, until that offer turns out to be an error: the mark for that tells the month from then on.
    """
    if referral.offers:
        return month(referral.offers[0].sent)
    return month(referral.handoff.reported) if referral.handoff else None


def _own(told: Told, first: date | None) -> date | None:
    if told.mark.name == MOVED:
        return None if told.mark.happened is None else month(told.mark.happened)
    return first if told.offer is None else month(told.offer.sent)


def _row(entry: Entry, number: int, said: _Said) -> Row:
    event, at = entry.event, entry.at
    *about, mark = said
    return (
        event.initiative,
        event.partitionkey,
        at.offset,
        number,
        at.partition.number,
        *about,
        mark.name,
        mark.happened,
        mark.value,
        mark.detail,
        at.recorded,
        event.source,
        event.id,
        *(mark.cuts or _UNCUT),
    )
