"""Workers that die, freeze, or never let go."""

from collections.abc import Callable
from random import Random

import pytest

from tests.faults import rebuilds, scenarios
from tests.faults.arena import Arena

pytestmark = pytest.mark.faults


async def test_twenty_killed_at_random_moments(arena: Arena) -> None:
    assert await scenarios.killed(arena, Random(11), 20) == []
    assert await arena.folds_differ(1, 7, 1_000_000) == []
    assert await rebuilds.differ(arena) == []


async def test_one_of_two_frozen_and_back(arena: Arena, record_property: Callable[[str, object], None]) -> None:
    complaints, fences = await scenarios.frozen(arena, Random(12))
    record_property("fences", fences)
    assert complaints == []
    assert await arena.folds_differ(7, 1_000_000) == []


async def test_zombie_in_another_group(arena: Arena, record_property: Callable[[str, object], None]) -> None:
    complaints, fences = await scenarios.haunted(arena)
    record_property("fences", fences)
    assert complaints == []
    assert fences
    assert await arena.folds_differ(7, 1_000_000) == []
    assert await rebuilds.differ(arena) == []


async def test_partition_stopped_while_the_others_go_on_over_a_rebalance(arena: Arena) -> None:
    assert await scenarios.faulty(arena, 2) == []
