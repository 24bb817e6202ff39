"""The account: one row for each disclosure, under whom it is about, in the order of the log."""

from collections.abc import Iterable
from pathlib import Path
from typing import assert_never, cast

from events.authority import partner_of
from events.catalogue import DisclosureEvent, Event, short
from events.disclosure import BrokeGlass, Exported, Opened, Refused
from projections.projection import Entry, Key, Row, Table
from projections.ruling import Refused as Turned

ACCOUNT = Table(
    name="disclosure",
    columns={
        "initiative": "text",
        "record": "text",
        "record_offset": "int8",
        "partition": "int4",
        "event": "uuid",
        "type": "text",
        "subject": "text",
        "reader": "text",
        "actor": "uuid",
        "purpose": "text",
        "fields": "text",
        "filters": "text",
        "consent": "uuid",
        "link_by": "text",
        "happened": "timestamptz",
        "recorded": "timestamptz",
    },
    key=("initiative", "record", "record_offset"),
    sql=Path(__file__).with_name("account.sql"),
    append=True,
)


class Account:
    """What was disclosed to whom.  What admission turned away told nobody anything, and has no row."""

    table = ACCOUNT

    def aggregate(self, event: Event) -> Key:
        return Key("record", event.initiative, event.partitionkey, event.partitionkey)

    def rows(self, entry: Entry) -> Iterable[Row]:
        if isinstance(entry.ruling, Turned):
            return ()
        event = cast(DisclosureEvent, entry.event)
        match event:
            case Opened() | BrokeGlass():
                return (_row(entry, event, (), event.data.consent_id),)
            case Exported():
                return (_row(entry, event, event.data.filters, None),)
            case Refused():
                return ()
            case _:
                assert_never(event)


def _row(entry: Entry, event: Opened | BrokeGlass | Exported, filters: Iterable[str], consent: str | None) -> Row:
    data, at = event.data, entry.at
    return (
        event.initiative,
        event.partitionkey,
        at.offset,
        at.partition.number,
        event.id,
        short(event.type),
        event.subject,
        _reader(event),
        event.actor,
        data.purpose,
        # Codes hold no space.
        " ".join(data.fields),
        " ".join(filters),
        consent,
        event.data.link_by if isinstance(event, Opened) else None,
        event.time,
        at.recorded,
    )


def _reader(event: Opened | BrokeGlass | Exported) -> str:
    """Return the partner that was shown it; the whole source of one who belongs to none."""
    reader = event.data.reader
    return (partner_of(reader) or reader) if isinstance(event, BrokeGlass) else reader
