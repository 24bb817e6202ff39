"""The pipeline and the fold written apart from it agree on a log with everything on it, however it is cut."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest

from projections.dump import dumped
from projections.memory import MemoryStore
from projections.projector import Projector
from projections.record import Home, Partition
from projections.referral import REFERRAL
from services.runtime.placement import placement
from tests.faults.traffic import Traffic
from tests.oracle.expected import Expected, Row
from tests.oracle.reading import Raw
from tests.oracle.tables import differences
from tests.support.events import Line
from tests.support.places import anywhere

TOPIC = "manyhands.cases"
PARTITIONS = 3
COLUMNS = {table.name: tuple(table.columns) for table in dumped(REFERRAL)}


def by_key(_: Partition) -> Home:
    return placement(PARTITIONS)


def log(seed: int, count: int) -> list[Raw]:
    """Return a log whose broker's clock sometimes steps back."""
    random, clock, ends = Random(seed), 1_772_450_000_000, [0] * PARTITIONS
    records = []
    for sent in Traffic(seed, PARTITIONS).take(count):
        clock += random.randrange(-400, 900)
        records.append(Raw(sent.partition, ends[sent.partition], clock, sent.key, sent.value))
        ends[sent.partition] += 1
    return records


async def folded(records: list[Raw], size: int, home: Callable[[Partition], Home] = by_key) -> dict[str, list[Row]]:
    """Return the tables that the pipeline makes of the records, by batches of this size."""
    store = MemoryStore(REFERRAL)
    for number in range(PARTITIONS):
        projector = Projector(REFERRAL, store, home(Partition(TOPIC, number)))
        lines = [
            Line(each.offset, each.timestamp, each.key, each.value) for each in records if each.partition == number
        ]
        for at in range(0, len(lines), size):
            await projector.project(Partition(TOPIC, number), at, lines[at : at + size])
    tables = {
        name: [dict(zip(COLUMNS[name], row, strict=True)) for row in rows.values()]
        for name, rows in store.tables.items()
    }
    stands = (await store.vector()).items()
    return {**tables, "position": [{"partition": of.number, "next_offset": at.next_offset} for of, at in stands]}


def told(records: list[Raw]) -> Expected:
    expected = Expected(TOPIC, PARTITIONS)
    expected.fold(records)
    return expected


@pytest.mark.parametrize(("seed", "size"), [(1, 1), (1, 7), (1, 4000), (2, 300), (3, 50)])
async def test_pipeline_and_oracle_agree(seed: int, size: int) -> None:
    records = log(seed, 1500)
    expected = told(records)
    assert differences(expected, await folded(records, size)) == []
    assert "wrong-partition" in {row.get("detail") for row in expected.refusals}
    codes = {row["code"] for row in expected.refusals}
    assert codes >= {"unreadable", "id-reused", "illegal-transition", "consent-does-not-cover", "unknown-subject"}
    assert any(row["copies"] for row in expected.timeline.values())


async def test_one_record_more_or_less_is_noticed() -> None:
    records = log(4, 600)
    tables = await folded(records, 100)
    last = records[-1]
    assert differences(told(records[:-1]), tables)
    assert differences(told([*records, replace(last, offset=last.offset + 1)]), tables)


async def test_records_folded_in_another_partition_are_noticed() -> None:
    records = log(6, 600)
    assert differences(told(records), await folded(records, 100, anywhere))


async def test_one_value_that_differs_is_noticed() -> None:
    records = log(5, 600)
    tables = await folded(records, 100)
    for table, column in (("referral", "status"), ("timeline", "copies"), ("client", "open_offers")):
        changed = {**tables, table: [{**tables[table][0], column: "other"}, *tables[table][1:]]}
        (difference,) = differences(told(records), changed)
        assert difference.startswith(table)
