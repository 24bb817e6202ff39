"""The initiatives as their log stands now, folded in memory: small enough to be read anew for each question."""

from collections.abc import Iterator
from typing import Any

from events.topics import INITIATIVES
from projections.initiative import INITIATIVE
from projections.memory import MemoryStore
from projections.projection import Key
from projections.projector import Projector
from projections.record import Partition
from services.runtime.errors import Fault
from services.runtime.log import read, spans
from services.runtime.placement import placement
from services.runtime.settings import Settings


async def gathered(settings: Settings) -> MemoryStore:
    """Return every initiative's aggregates, folded from the log's beginning to its end."""
    store = MemoryStore(INITIATIVE)
    projector = Projector(INITIATIVE, store, placement(settings.count(INITIATIVES)))
    starts: dict[Partition, int] = {}
    async for partition, records in read(settings, await spans(settings, [INITIATIVES])):
        outcome = await projector.project(partition, starts.get(partition, 0), records)
        starts[partition] = outcome.position.next_offset
    return store


def states(store: MemoryStore, kind: str, initiative: str | None) -> Iterator[tuple[Key, Any]]:
    """Yield the aggregates of a kind with their states, in key order."""
    table = INITIATIVE.kinds[kind].table
    for found, row in sorted(store.tables[table.name].items()):
        key = Key(kind, *found)
        if initiative is None or key.initiative == initiative:
            yield key, INITIATIVE.kinds[kind].decode(row[table.place("state")])


class InitiativeUnknown(Fault):
    """It is not clear which initiative is meant."""

    code = "initiative-unknown"
    hint = "Name one with --initiative; `manyhands init` opens one."


def named(store: MemoryStore, initiative: str | None) -> str:
    """Return the initiative that is named, else the only one that is open.  Raises InitiativeUnknown."""
    known = [key.id for key, _ in states(store, "initiative", None)]
    if initiative in known or (initiative is None and len(known) == 1):
        return initiative or known[0]
    raise InitiativeUnknown(f"{len(known)} initiatives are open" if initiative is None else f"{initiative} is not open")
