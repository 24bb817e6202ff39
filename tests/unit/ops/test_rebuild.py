"""The parts of a rebuild that need no servers."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from projections.comparison import compare
from projections.memory import MemoryStore
from projections.record import Partition
from services.ops.rebuild.orders import dealt, environ
from services.ops.rebuild.rebuilding import Verdict
from services.ops.rebuild.shown import document, sentences
from services.ops.rebuild.worker import _fell
from services.runtime.settings import Settings
from tests.support.folding import folded
from tests.support.toy import TOY
from tests.support.toylog import log


def left(*counts: int) -> Mapping[Partition, int]:
    return {Partition("t", number): count for number, count in enumerate(counts)}


@pytest.mark.parametrize("hands", [1, 2, 3, 8])
def test_partitions_are_dealt_once_each_and_evenly(hands: int) -> None:
    counts = left(9, 1, 5, 5, 2, 7)
    shares = dealt(counts, hands)
    loads = [sum(counts[each] for each in share) for share in shares]
    assert sorted(each for share in shares for each in share) == sorted(counts)
    assert len(shares) == min(hands, len(counts))
    assert max(loads) - min(loads) <= max(counts.values())


def test_nothing_left_is_dealt_to_nobody() -> None:
    assert dealt({}, 4) == []


def test_a_worker_reads_the_settings_it_is_told(tmp_path: Path) -> None:
    told = Settings(tmp_path, "k:1", "postgresql://u:p@h/d", topic_prefix="x.", partitions=3, session=6.5, build="b")
    assert Settings.from_env(environ(told)) == told


def test_a_failure_nobody_foresaw_says_where_and_never_what(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="canary") as caught:
        int("canary Ada Lovelace")
    _fell(caught.type, caught.value, caught.tb)
    said = capsys.readouterr().err
    assert said.startswith("manyhands: ValueError\n")
    assert __file__ in said
    assert "canary" not in said


async def verdict(*, doctored: bool, kept: bool = False) -> Verdict:
    one, other = MemoryStore(TOY), MemoryStore(TOY)
    for store in (one, other):
        await folded(store, log(3, 120), 20)
    if doctored:
        rows = one.tables["history"]
        rows.clear()
    return Verdict("rm_toy_v1_a", "rm_toy_v1_b", kept, 120, 0.5, await compare(one, other, TOY))


async def test_an_equal_rebuild_says_so_first() -> None:
    first, *rest = sentences(await verdict(doctored=False, kept=True))
    assert first.startswith("Equal: ")
    assert rest[-2:] == ["Folded 120 records in 0.5 s, 240 a second", "Kept as rm_toy_v1_b"]


async def test_a_different_one_names_rows_and_counts_those_it_leaves_out() -> None:
    found = await verdict(doctored=True)
    said = list(sentences(found))
    count = found.comparison.counts["history"]
    assert said[0] == "DIFFERENT: rm_toy_v1_a is not what its log amounts to: table history"
    assert sum("only the rebuilt build has it" in line for line in said) == 20
    assert f"history: {count - 20:,} more rows differ" in said
    answer = document(found)
    assert (answer["equal"], answer["more"], len(answer["differences"])) == (False, {"history": count - 20}, 20)
