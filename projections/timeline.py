"""The timeline: one row for each event that said something new, applied or refused.

Its key is the event's identity, so it is the check for duplicates too.
"""

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from events.catalogue import Event, short
from events.envelope import Body
from projections.projection import Entry, Identity, Key, Row, Table
from projections.ruling import Partly, Refused, Ruling

TIMELINE = Table(
    name="timeline",
    columns={
        "initiative": "text",
        "record": "text",
        "source": "text",
        "id": "uuid",
        "digest": "bytea",
        "topic": "text",
        "partition": "int4",
        "record_offset": "int8",
        "subject": "text",
        "type": "text",
        "happened": "timestamptz",
        "recorded": "timestamptz",
        "actor": "uuid",
        "offer": "uuid",
        "outcome": "text",
        "refusal": "text",
        "detail": "text",
        "backfilled": "bool",
        "copies": "int4",
    },
    key=("initiative", "record", "source", "id"),
    sql=Path(__file__).with_name("timeline.sql"),
    append=True,
)


def identity(event: Event) -> Identity:
    """Return what makes two records the same event."""
    return Identity(event.initiative, event.partitionkey, event.source, event.id)


def offer_named(body: Body) -> str | None:
    """Return the offer that an event's data speaks of, if its type does; asking the data itself costs far more."""
    return getattr(body, "offer_id", None) if _names_offer(type(body)) else None


@cache
def _names_offer(body: type[Body]) -> bool:
    return "offer_id" in body.model_fields


def outcome_of(ruling: Ruling) -> str:
    """Return what became of the event: applied, partly or refused."""
    return "refused" if isinstance(ruling, Refused) else "partly" if isinstance(ruling, Partly) else "applied"


class Timeline:
    """One row for each entry; `outcome` is applied, partly or refused.

    `kind` is the kind of aggregate that subjects are, `detail` names the state an entry left it in.
    """

    table = TIMELINE

    def __init__(self, kind: str, detail: Callable[[Entry], str | None]) -> None:
        self._kind = kind
        self._detail = detail

    def aggregate(self, event: Event) -> Key:
        return Key(self._kind, event.initiative, event.partitionkey, event.subject)

    def rows(self, entry: Entry) -> Iterable[Row]:
        event, at, ruling = entry.event, entry.at, entry.ruling
        data, partition = event.data, at.partition
        admitted = data.admitted
        refused = ruling.code if isinstance(ruling, Refused) else None
        return (
            (
                event.initiative,
                event.partitionkey,
                event.source,
                event.id,
                bytes.fromhex(admitted.digest),
                partition.topic,
                partition.number,
                at.offset,
                event.subject,
                short(event.type),
                event.time,
                at.recorded,
                event.actor,
                offer_named(data),
                outcome_of(ruling),
                refused,
                self._detail(entry),
                admitted.backfill is not None,
                0,
            ),
        )
