"""Figures and feeds are those that the log amounts to by a computation apart, however it is cut into batches."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, get_args

import pytest

from projections.communication import COMMUNICATION
from projections.communication.notes import Kind
from projections.dump import dumped
from projections.measurement import MEASUREMENT
from projections.memory import MemoryStore
from projections.projection import Projection
from projections.projector import Projector
from projections.record import Partition
from services.runtime.placement import placement
from tests.oracle import counting, telling
from tests.oracle.expected import Row
from tests.oracle.reading import Raw
from tests.oracle.telling import Telling
from tests.support.events import Line
from tests.unit.oracle.test_oracle import COUNT, PARTITIONS, SEEDS, TOPIC, log


async def folded(projection: Projection, records: Sequence[Raw], size: int) -> dict[str, list[Row]]:
    """Return the tables that the projection makes of the records, by batches of this size."""
    store = MemoryStore(projection)
    projector = Projector(projection, store, placement(PARTITIONS))
    for number in range(PARTITIONS):
        lines = [
            Line(each.offset, each.timestamp, each.key, each.value) for each in records if each.partition == number
        ]
        for at in range(0, len(lines), size):
            await projector.project(Partition(TOPIC, number), at, lines[at : at + size])
    assert not store.parked
    columns = {table.name: tuple(table.columns) for table in dumped(projection)}
    return {
        name: [dict(zip(columns[name], row, strict=True)) for row in rows.values()]
        for name, rows in store.tables.items()
    }


@cache
def told(records: tuple[Raw, ...]) -> Telling:
    expected = Telling(TOPIC, PARTITIONS)
    expected.fold(records)
    return expected


@pytest.mark.parametrize(("seed", "size"), [(1, 1), (1, 7), (1, 4000), (2, 300), (3, 50)])
async def test_figures_and_feeds_are_those_of_the_log(seed: int, size: int) -> None:
    records = log(seed, COUNT)
    expected = told(records)
    figures = await folded(MEASUREMENT, records, size)
    assert counting.differences(expected, figures["figure"]) == []
    feeds = await folded(COMMUNICATION, records, size)
    assert telling.differences(expected, feeds["feed"]) == []


async def test_the_log_that_is_compared_holds_all_that_can_be_told_and_counted() -> None:
    logs = [told(log(seed, COUNT)) for seed in SEEDS]
    records = [entries for each in logs for entries in each.feed.values()]
    assert {entry[0] for entries in records for entry in entries} == set(get_args(Kind))
    assert any(entry[7] for entries in records for entry in entries)
    assert any(len(entries) > 1 for entries in records)
    figures = [counts for each in logs for counts in counting.figures(each).values()]
    sums = [sum(counts) for counts in zip(*figures, strict=True)]
    assert all(0 < later < whole for whole, later in zip(sums[:3], sums[3:], strict=True))


#: What decides who is told what, each with what stands in its place when it is taken away.
LET: dict[str, Callable[..., Any]] = {
    "projections.referral.evolve._left_out": lambda offer, _: offer,
    "projections.communication.told._unawaited": lambda *_: (),
    "projections.communication.told.stage_of": lambda _: "awaiting-answer",
    "projections.communication.feed.is_about": lambda *_: True,
}


@pytest.mark.parametrize("guard", LET)
async def test_what_is_told_wrongly_is_noticed(guard: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, LET[guard])
    assert await unlike(SEEDS), "the same is told without it"


async def unlike(seeds: Sequence[int]) -> bool:
    """Return whether the feeds of a log are not what they must be."""
    for seed in seeds:
        feeds = await folded(COMMUNICATION, log(seed, COUNT), 300)
        if telling.differences(told(log(seed, COUNT)), feeds["feed"]):
            return True
    return False


async def test_one_record_more_or_less_is_noticed() -> None:
    records = log(4, 900)
    figures, feeds = await folded(MEASUREMENT, records, 100), await folded(COMMUNICATION, records, 100)
    _, _, number, offset = max(told(records).feed)
    without = tuple(
        replace(each, value=None) if (each.partition, each.offset) == (number, offset) else each for each in records
    )
    assert telling.differences(told(without), feeds["feed"])
    assert counting.differences(told(records[:800]), figures["figure"])


async def test_one_value_that_differs_is_noticed() -> None:
    records = log(5, 900)
    figures, feeds = await folded(MEASUREMENT, records, 100), await folded(COMMUNICATION, records, 100)
    expected = told(records)
    first, *rest = figures["figure"]
    assert counting.differences(expected, [{**first, "sent": first["sent"] + 1}, *rest])
    (first, *rest) = feeds["feed"]
    for column, value in (("partner", "nobody"), ("code", "other"), ("next", "nothing at all"), ("ordinal", 7)):
        assert telling.differences(expected, [{**first, column: value}, *rest])
    assert telling.differences(expected, rest)
