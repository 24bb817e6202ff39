"""The batch itself, found on the log: what a source said under one correlation id."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, cast

from events.catalogue import CaseEvent
from events.codec import UnknownType, Unreadable, read
from events.topics import CASES
from projections.record import Record
from services.runtime import log
from services.runtime.settings import Settings


class Wanted(NamedTuple):
    """Whose events of which batch, by the ids that stand on the log."""

    initiative: str
    source: str
    correlation: str


async def found(settings: Settings, wanted: Wanted, advance: Callable[[int], None]) -> list[CaseEvent]:
    """Return the batch's events, each person's in their order.

    Reads the whole topic of cases once, as nothing else keeps correlation ids; `advance` is told how many records.
    """
    mark = wanted.correlation.encode()
    events: list[CaseEvent] = []
    async for _, records in log.read(settings, await log.spans(settings, [CASES])):
        events += [event for record in records if (event := _of(record, wanted, mark)) is not None]
        advance(len(records))
    return _once(events)


def _of(record: Record, wanted: Wanted, mark: bytes) -> CaseEvent | None:
    """Only what holds the id at all is worth reading."""
    if record.value is None or mark not in record.value:
        return None
    try:
        event = read(CASES, record.key, record.value)
    except UnknownType:
        return None
    if isinstance(event, Unreadable):
        return None
    said = (event.initiative, event.source, event.correlationid)
    return cast(CaseEvent, event) if said == tuple(wanted) else None


def _once(events: Sequence[CaseEvent]) -> list[CaseEvent]:
    """A retry stands on the log a second time and says nothing new."""
    return list({(event.partitionkey, event.id): event for event in reversed(events)}.values())[::-1]
