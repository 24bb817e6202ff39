"""Workers that die, freeze, or never let go."""

from random import Random

import pytest

from projections.communication import COMMUNICATION
from projections.measurement import MEASUREMENT
from tests.faults import rebuilds, scenarios
from tests.faults.arena import Arena

pytestmark = pytest.mark.faults


async def test_twenty_killed_at_random_moments(arena: Arena, seed: int) -> None:
    assert await scenarios.killed(arena, Random(seed), 20) == []
    assert await arena.folds_differ(1, 7, 1_000_000) == []
    assert await rebuilds.differ(arena) == []


async def test_all_three_services_killed_under_the_same_load(arena: Arena, seed: int) -> None:
    arenas = {
        "services.referral": arena,
        "services.measurement": arena.of(MEASUREMENT),
        "services.notifications": arena.of(COMMUNICATION),
    }
    assert await scenarios.killed_side_by_side(arenas, Random(seed), 3) == []
    for each in list(arenas.values())[1:]:
        assert await each.folds_differ(1, 7, 1_000_000) == []
        assert await rebuilds.differ(each) == []


async def test_one_of_two_frozen_and_back(arena: Arena, seed: int) -> None:
    complaints, fences = await scenarios.frozen(arena, Random(seed))
    print(f"fences: {fences}")
    assert complaints == []
    assert await arena.folds_differ(7, 1_000_000) == []


async def test_zombie_in_another_group(arena: Arena) -> None:
    complaints, fences = await scenarios.haunted(arena)
    print(f"fences: {fences}")
    assert complaints == []
    assert fences
    assert await arena.folds_differ(7, 1_000_000) == []
    assert await rebuilds.differ(arena) == []


async def test_partition_stopped_while_the_others_go_on_over_a_rebalance(arena: Arena) -> None:
    assert await scenarios.faulty(arena, 2) == []
