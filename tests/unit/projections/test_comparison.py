"""Two sides are walked by key: what differs is named, counted, and never held in memory as a whole."""

from random import Random

from projections.comparison import Difference, compare
from projections.dump import dump
from projections.memory import MemoryStore
from tests.support.folding import folded
from tests.support.toy import TOY
from tests.support.toylog import half_parked, log


async def pair(length: int = 200, seed: int = 4) -> tuple[MemoryStore, MemoryStore]:
    """Return two stores that the same log was folded into, by different cuts."""
    one, other = MemoryStore(TOY), MemoryStore(TOY)
    await folded(one, log(seed, length), 7)
    await folded(other, log(seed, length), length)
    return one, other


async def test_equal_sides_have_the_hashes_of_a_dump() -> None:
    one, other = await pair()
    found = await compare(one, other, TOY)
    assert (found.differences, found.rows, found.counts) == ([], (), {})
    assert found.one == found.other == await dump(one, TOY)


async def test_changed_missing_and_added_rows_are_each_named() -> None:
    one, other = await pair()
    table = TOY.kinds["client"].table
    held = other.tables["client"]
    first, second, *_, last = sorted(held)
    changed = held[first] = (*held[first][:4], 99, *held[first][5:])
    del held[second], one.tables["client"][last]
    found = await compare(one, other, TOY)
    rows = one.tables["client"]
    assert found.rows == (
        Difference(table, first, rows[first], changed),
        Difference(table, second, rows[second], None),
        Difference(table, last, None, held[last]),
    )
    assert (found.counts, found.differences) == ({"client": 3}, ["table client"])


async def test_any_damage_is_counted_exactly() -> None:
    for seed in range(20):
        random = Random(seed)
        one, other = await pair(120, seed)
        held = [one.tables["timeline"], other.tables["timeline"]]
        keys = random.sample(sorted(held[0]), 9)
        for key in keys:
            del random.choice(held)[key]
        found = await compare(one, other, TOY)
        assert found.counts == {"timeline": 9}
        assert sorted(each.key for each in found.rows) == sorted(keys)


async def test_more_differences_than_are_kept_are_still_counted() -> None:
    one, other = await pair()
    count = len(other.tables["timeline"])
    other.tables["timeline"].clear()
    seen: list[int] = []
    found = await compare(one, other, TOY, most=3, report=seen.append)
    assert (len(found.rows), found.counts) == (3, {"timeline": count})
    assert sum(seen) >= count


async def test_what_is_parked_on_one_side_is_compared_on_neither() -> None:
    one, other = await half_parked()
    found = await compare(one, other, TOY)
    assert found.differences == []
    assert len(found.one.left) == 1
