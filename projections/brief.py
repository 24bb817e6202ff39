"""The brief timeline: what finds an event again, for projections that tell nobody what was said."""

from collections.abc import Iterable
from pathlib import Path

from events.catalogue import Event, short
from projections.projection import Entry, Key, Row, Table
from projections.timeline import TIMELINE, identity, outcome_of

_COLUMNS = ("initiative", "record", "source", "id", "digest", "record_offset", "type", "outcome", "copies")
BRIEF = Table(
    name=TIMELINE.name,
    columns={name: TIMELINE.columns[name] for name in _COLUMNS},
    key=TIMELINE.key,
    sql=Path(__file__).with_name("brief.sql"),
    append=True,
)


class BriefTimeline:
    """One row for each event that said something new, by its identity: the check for duplicates."""

    table = BRIEF

    def aggregate(self, event: Event) -> Key:
        return Key("event", event.initiative, event.partitionkey, event.subject)

    def rows(self, entry: Entry) -> Iterable[Row]:
        event = entry.event
        said = (short(event.type), outcome_of(entry.ruling))
        return ((*identity(event), bytes.fromhex(event.data.admitted.digest), entry.at.offset, *said, 0),)
