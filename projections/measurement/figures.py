"""The figures: sums by partner and month, kept for each partition and added up when they are read."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import cast

from events.catalogue import CaseEvent, Event
from projections.measurement.counting import MEASURES, Tick, ticks
from projections.projection import Entry, Key, Row, Table
from projections.referral.keys import subject_key
from projections.referral.state import Referral

_SUMS = (*MEASURES, *(f"{measure}_backfilled" for measure in MEASURES))
FIGURE = Table(
    name="figure",
    columns={
        "initiative": "text",
        "partner": "text",
        "month": "date",
        "partition": "int4",
        **dict.fromkeys(_SUMS, "int8"),
    },
    key=("initiative", "partner", "month", "partition"),
    sql=Path(__file__).with_name("figure.sql"),
    adds=_SUMS,
)


class Figures:
    """What an event changes: what its referral counts for now, less what it counted for before."""

    table = FIGURE

    def aggregate(self, event: Event) -> Key:
        return subject_key(cast(CaseEvent, event))

    def rows(self, entry: Entry) -> Iterable[Row]:
        partition = entry.at.partition.number
        for key, after in entry.changed.items():
            if key.kind == "referral":
                for tick, by in changes(entry.before.get(key), after):
                    yield (key.initiative, tick.partner, tick.month, partition, *_sums(tick, by, after.backfilled))


def changes(before: Referral | None, after: Referral) -> Iterator[tuple[Tick, int]]:
    """Yield what the referral counts for from now on, by 1, and no longer, by -1."""
    if before is not None and before.offers == after.offers:
        return
    counted, counts = set() if before is None else ticks(before), ticks(after)
    yield from ((tick, 1) for tick in sorted(counts - counted))
    yield from ((tick, -1) for tick in sorted(counted - counts))


def _sums(tick: Tick, by: int, backfilled: bool) -> tuple[int, ...]:
    counts = tuple(by if measure == tick.measure else 0 for measure in MEASURES)
    return (*counts, *(counts if backfilled else (0,) * len(counts)))
