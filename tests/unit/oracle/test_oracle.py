"""The pipeline and the fold written apart from it agree on a log with everything on it, however it is cut."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache
from random import Random
from typing import Any, get_args

import pytest

from events.codes import CODES, By
from projections.dump import dumped
from projections.memory import MemoryStore
from projections.projector import Projector
from projections.record import Home, Partition
from projections.referral import REFERRAL, moves
from projections.referral.rules import OPENED
from projections.referral.said import WORDS
from projections.referral.transitions import Fact
from services.runtime.placement import placement
from tests.faults.traffic import Traffic
from tests.oracle.expected import Expected, Row
from tests.oracle.reading import Raw
from tests.oracle.tables import differences
from tests.support.events import Line
from tests.support.places import anywhere

TOPIC = "manyhands.cases"
PARTITIONS = 3
#: Refusals that no event of a case can meet.
OF_INITIATIVES = {"not-registrar", "empty-window", "initiative-not-open"}
COLUMNS = {table.name: tuple(table.columns) for table in dumped(REFERRAL)}


def by_key(_: Partition) -> Home:
    return placement(PARTITIONS)


#: Records of a log in which anything may be, and logs that together hold everything.
COUNT, SEEDS = 3000, (1, 2, 3, 7, 8, 9)
#: Soon after that, an offer may be made to a class.
BEGIN = int((OPENED - timedelta(minutes=2)).timestamp() * 1000)


@cache
def log(seed: int, count: int) -> tuple[Raw, ...]:
    """Return a log whose broker's clock sometimes steps back."""
    random, clock, ends = Random(seed), BEGIN, [0] * PARTITIONS
    records = []
    for sent in Traffic(seed, PARTITIONS, at_once=12).take(count):
        clock += random.randrange(-400, 900)
        records.append(Raw(sent.partition, ends[sent.partition], clock, sent.key, sent.value))
        ends[sent.partition] += 1
    return tuple(records)


async def folded(records: Sequence[Raw], size: int, home: Callable[[Partition], Home] = by_key) -> dict[str, list[Row]]:
    """Return the tables that the pipeline makes of the records, by batches of this size."""
    store = MemoryStore(REFERRAL)
    for number in range(PARTITIONS):
        projector = Projector(REFERRAL, store, home(Partition(TOPIC, number)))
        lines = [
            Line(each.offset, each.timestamp, each.key, each.value) for each in records if each.partition == number
        ]
        for at in range(0, len(lines), size):
            if (await projector.project(Partition(TOPIC, number), at, lines[at : at + size])).unknown:
                break
    tables = {
        name: [dict(zip(COLUMNS[name], row, strict=True)) for row in rows.values()]
        for name, rows in store.tables.items()
    }
    stands = (await store.vector()).items()
    return {**tables, "position": [{"partition": of.number, "next_offset": at.next_offset} for of, at in stands]}


@cache
def told(records: tuple[Raw, ...]) -> Expected:
    expected = Expected(TOPIC, PARTITIONS)
    expected.fold(records)
    return expected


@pytest.mark.parametrize(("seed", "size"), [(1, 1), (1, 7), (1, 4000), (2, 300), (3, 50), (7, 300), (8, 300)])
async def test_pipeline_and_oracle_agree(seed: int, size: int) -> None:
    records = log(seed, COUNT)
    expected = told(records)
    assert differences(expected, await folded(records, size)) == []
    assert "wrong-partition" in {row.get("detail") for row in expected.refusals}
    codes = {row["code"] for row in expected.refusals}
    assert codes >= {"unreadable", "id-reused", "illegal-transition", "consent-does-not-cover", "unknown-subject"}
    assert any(row["copies"] for row in expected.timeline.values())


def test_the_logs_that_are_compared_hold_every_fact_every_refusal_and_every_word() -> None:
    facts: set[str] = set()
    codes: set[str] = set()
    words: set[str] = set()
    for seed in SEEDS:
        expected = told(log(seed, COUNT))
        facts.update(*(case.facts for case in expected.cases.values()))
        codes.update(row["code"] for row in expected.refusals)
        words.update(*(row["words"] for row in expected.words))
    assert words == {name for names in WORDS.values() for name in names}
    assert facts == set(get_args(Fact))
    assert codes == {code for code, meaning in CODES.items() if meaning.by is By.FOLD} - OF_INITIATIVES


#: Guards that can be taken away, each with what stands in its place.
LET: dict[str, Callable[..., Any]] = {
    "projections.referral.rules.answer._own_deadline": lambda *_: None,
    "projections.referral.rules.answer._still_wanted": lambda *_: None,
    "projections.referral.rules.answer._first": lambda *_: None,
    "projections.referral.rules.answer.covered": lambda *_: None,
    "projections.referral.rules.answer.in_force": lambda *_: None,
    "projections.referral.rules.answer.serving": lambda *_: None,
    "projections.referral.rules.offer._shareable": lambda *_: None,
    "projections.referral.rules.offer._replaced": lambda *_: None,
    "projections.referral.rules.offer._room": lambda *_: None,
    "projections.referral.rules.guard._for_recipient": lambda *_: True,
    "projections.referral.rules.guard.of_class": lambda *_: True,
    "projections.referral.rules.guard.in_sight": lambda *_: True,
    "projections.referral.rules.client._by_two": lambda *_: None,
    "projections.referral.episode._of_exit": lambda *_: False,
    "projections.referral.said.words_of": lambda *_: {},
    "projections.referral.evolve._reindexed": lambda client, *_: client,
    "projections.referral.moves._promised": lambda event, service, _: moves._starting(event, service),
}


@pytest.mark.parametrize("guard", LET)
async def test_a_guard_that_is_missing_is_noticed(guard: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, LET[guard])
    assert await unlike(SEEDS), "the logs are judged the same without it"


async def unlike(seeds: tuple[int, ...]) -> bool:
    """Return whether the tables of a log differ, or folding it breaks off where something stands that never may."""
    for seed in seeds:
        try:
            tables = await folded(log(seed, COUNT), 300)
        except LookupError:
            return True
        if differences(told(log(seed, COUNT)), tables):
            return True
    return False


async def test_one_record_more_or_less_is_noticed() -> None:
    records = log(4, 600)
    tables = await folded(records, 100)
    last = records[-1]
    assert differences(told(records[:-1]), tables)
    assert differences(told((*records, replace(last, offset=last.offset + 1))), tables)


async def test_records_folded_in_another_partition_are_noticed() -> None:
    records = log(12, 600)
    assert differences(told(records), await folded(records, 100, anywhere))


async def test_one_value_that_differs_is_noticed() -> None:
    records = log(5, 600)
    tables = await folded(records, 100)
    wrong = (("referral", "status"), ("timeline", "copies"), ("client", "open_offers"), ("episode", "services"))
    for table, column in wrong:
        changed = {**tables, table: [{**tables[table][0], column: "other"}, *tables[table][1:]]}
        (difference,) = differences(told(records), changed)
        assert difference.startswith(table)
