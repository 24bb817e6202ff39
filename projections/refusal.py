"""The table of refusals: records that changed nothing, and why."""

from datetime import UTC, datetime
from pathlib import Path

from events.catalogue import short
from projections.batch import Refusal
from projections.projection import Row, Table
from projections.record import Partition

REFUSAL = Table(
    name="refusal",
    columns={
        "topic": "text",
        "partition": "int4",
        "record_offset": "int8",
        "code": "text",
        "detail": "text",
        "recorded": "timestamptz",
        "initiative": "text",
        "record": "text",
        "source": "text",
        "id": "uuid",
        "type": "text",
        "subject": "text",
        "hash": "bytea",
    },
    key=("topic", "partition", "record_offset"),
    sql=Path(__file__).with_name("refusal.sql"),
    append=True,
)
_NOBODY = (None, None, None, None)


def refusal_row(partition: Partition, refusal: Refusal) -> Row:
    """Return the refusal as it stands in the table."""
    recorded = datetime.fromtimestamp(refusal.recorded_ms / 1000, UTC)
    name = short(refusal.type) if refusal.type else None
    said = (*(refusal.identity or _NOBODY), name, refusal.subject, refusal.hash)
    return (*partition, refusal.offset, refusal.code, refusal.detail, recorded, *said)
