"""What would become of events if they were published now: folded over the states there are, and forgotten."""

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from events.topics import CASES, INITIATIVES, Topic
from projections.batch import Folded, Store
from projections.initiative import INITIATIVE
from projections.pipeline import Fold, Known, further, needed, read_batch
from projections.projection import Projection
from projections.record import Partition
from projections.referral import REFERRAL
from projections.store import PostgresStore
from projections.timeline import TIMELINE
from services.admission.decision import Decision
from services.admission.publish import Outgoing
from services.gateway.parts import Parts
from services.gateway.rulings import Ruling
from services.gateway.store import reading
from services.runtime.placement import placement

API = "api_referral"
_OUTCOME, _REFUSAL, _OFFSET = (TIMELINE.place(name) for name in ("outcome", "refusal", "record_offset"))


@dataclass(frozen=True, slots=True)
class _Imagined:
    """A record that stands nowhere."""

    offset: int
    timestamp: int
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()


class Scoped(PostgresStore):
    """A read model as one initiative sees it."""

    def __init__(self, parts: Parts, initiative: str) -> None:
        super().__init__(parts.pool, REFERRAL, API)
        quoted = initiative.replace("'", "''")
        self._begin += f"\nset local manyhands.initiative = '{quoted}';"


async def rehearsed(parts: Parts, initiative: str, decided: Sequence[Decision]) -> list[Ruling | None]:
    """Return the ruling that each would get; None for those that are turned away.  Raises Away."""
    rulings: list[Ruling | None] = [None] * len(decided)
    groups: dict[tuple[Topic, int], list[int]] = defaultdict(list)
    for place, each in enumerate(decided):
        if each.outgoing is not None:
            home = placement(parts.settings.count(each.outgoing.topic))
            groups[each.outgoing.topic, home(each.outgoing.key.encode())].append(place)
    for (topic, number), places in groups.items():
        partition = Partition(parts.settings.topic(topic), number)
        outgoing = [said for place in places if (said := decided[place].outgoing) is not None]
        with reading():
            found = await _folded(*_judge(parts, topic, initiative), partition, outgoing)
        for place, ruling in zip(places, found, strict=True):
            rulings[place] = ruling
    return rulings


def _judge(parts: Parts, topic: Topic, initiative: str) -> tuple[Projection, Store]:
    if topic is CASES:
        return REFERRAL, Scoped(parts, initiative)
    if topic is INITIATIVES:
        return INITIATIVE, parts.admission.initiative_store
    raise ValueError(f"no caller speaks on {topic.family}")


async def _folded(
    projection: Projection, store: Store, partition: Partition, outgoing: Sequence[Outgoing]
) -> list[Ruling]:
    position = (await store.positions([partition]))[partition]
    start, now = position.next_offset, int(time.time() * 1000)
    records = [_Imagined(start + count, now, each.key.encode(), each.value) for count, each in enumerate(outgoing)]
    # Everything is at home here: what would be published goes where its key belongs.
    batch = read_batch(projection, lambda _: partition.number, partition, start, records)
    keys = needed(projection, batch)
    states = await store.load(keys)
    states |= await store.load(further(projection, batch, states) - keys)
    known = Known(position, states, await store.seen(batch.identities))
    folded = Fold(projection, batch, known).run()
    return [_ruling(folded, record.offset) for record in records]


def _ruling(folded: Folded, offset: int) -> Ruling:
    refusal = next((each for each in folded.refusals if each.offset == offset), None)
    if refusal is not None:
        return Ruling("refused", refusal.code, refusal.detail)
    rows = folded.rows.get(TIMELINE.name)
    if rows is None:
        return Ruling("applied")
    row = next((row for row in rows if row[_OFFSET] == offset), None)
    return Ruling("duplicate") if row is None else Ruling(row[_OUTCOME], row[_REFUSAL])
