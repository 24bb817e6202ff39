"""With one guard taken away each, the same scenarios find something to complain about."""

from random import Random

import pytest

from projections.communication import COMMUNICATION
from projections.measurement import MEASUREMENT
from projections.projection import Projection
from tests.faults import scenarios
from tests.faults.arena import Arena

pytestmark = pytest.mark.faults
#: How often two writers without a guard are let loose on the same tables; one collision is proof enough.
CHANCES = 6


async def test_without_the_compare_and_swap(arena: Arena) -> None:
    for _ in range(CHANCES):
        if await _collided(arena):
            return
    pytest.fail("without the guard nothing went wrong, so the guard is not what keeps the tables right")


async def _collided(arena: Arena) -> bool:
    """Say whether two writers went wrong, as they need not at once: by luck they take turns."""
    complaints, _ = await scenarios.haunted(arena, "careless", "careless-zombie")
    return bool(complaints)


async def test_with_faust_s_own_offsets(arena: Arena, seed: int) -> None:
    assert await scenarios.killed(arena, Random(seed), 4, "kafkas-word", patience=10)


@pytest.mark.parametrize("projection", [MEASUREMENT, COMMUNICATION], ids=lambda each: each.name)
async def test_other_projections_with_faust_s_own_offsets(arena: Arena, seed: int, projection: Projection) -> None:
    kind = f"kafkas-word-{projection.name}"
    assert await scenarios.killed(arena.of(projection), Random(seed), 4, kind, patience=10)


async def test_with_an_exception_let_out_of_the_agent(arena: Arena) -> None:
    assert await scenarios.faulty(arena, 2, "faulty-let-out", patience=10)


async def test_with_the_last_record_s_hash_ignored(arena: Arena) -> None:
    assert await scenarios.replaced(arena, "believing")
