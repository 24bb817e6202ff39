"""The sealed text of applied events, to be opened at read for those entitled, and gone when the person is erased."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import cast, get_args

from events.catalogue import CaseEvent, Event
from events.envelope import Envelope
from events.fields import Sealed
from projections.projection import Entry, Key, Row, Table
from projections.referral.keys import subject_key
from projections.ruling import Refused
from projections.timeline import offer_named

SEALED_TEXT = Table(
    name="sealed_text",
    columns={
        "initiative": "text",
        "record": "uuid",
        "source": "text",
        "event": "uuid",
        "field": "text",
        "referral": "uuid",
        "offer": "uuid",
        "type": "text",
        "sealed": "text",
        "erased": "bool",
    },
    key=("initiative", "record", "source", "event", "field"),
    sql=Path(__file__).with_name("sealed.sql"),
    append=True,
    erasable=("sealed",),
)


def sealed_fields(event: type[Envelope]) -> tuple[str, ...]:
    """Return the fields of the event's data that hold sealed text."""
    body = event.model_fields["data"].annotation
    fields = getattr(body, "model_fields", {})
    return tuple(name for name, field in fields.items() if Sealed in (field.annotation, *get_args(field.annotation)))


SEALED_FIELDS: Mapping[type[Envelope], tuple[str, ...]] = MappingProxyType(
    {event: fields for event in get_args(CaseEvent) if (fields := sealed_fields(event))}
)
_as_json = Sealed.__pydantic_serializer__.to_json


class SealedText:
    """One row for each sealed value of an applied event; `field` is its place from the event's root."""

    table = SEALED_TEXT
    types = frozenset(SEALED_FIELDS)

    def aggregate(self, event: Event) -> Key:
        return subject_key(cast(CaseEvent, event))

    def rows(self, entry: Entry) -> Iterable[Row]:
        names = SEALED_FIELDS.get(type(entry.event))
        if names is None or isinstance(entry.ruling, Refused):
            return ()
        event = cast(CaseEvent, entry.event)
        data = event.data
        return [_row(event, name, sealed) for name in names if (sealed := getattr(data, name)) is not None]


def _row(event: CaseEvent, name: str, sealed: Sealed) -> Row:
    key = subject_key(event)
    return (
        event.initiative,
        event.partitionkey,
        event.source,
        event.id,
        f"/data/{name}",
        event.subject if key.kind == "referral" else None,
        offer_named(event.data),
        event.type,
        _as_json(sealed).decode(),
        False,
    )
