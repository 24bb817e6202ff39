from dataclasses import dataclass

from bench.check import truth
from bench.workload import generate
from projections.memory import MemoryStore
from projections.projector import Projector
from projections.record import Partition
from projections.referral import REFERRAL
from tests.support.places import anywhere

CASES = Partition("cases", 0)
EVENTS = 600
NOW_MS = 1_790_000_000_000


@dataclass(frozen=True)
class Stood:
    """A line as it would stand on a log."""

    offset: int
    key: bytes
    value: bytes
    timestamp: int = NOW_MS
    headers: tuple[tuple[str, bytes], ...] = ()


def test_both_workloads_hold_the_same_records_in_another_order() -> None:
    made = generate(EVENTS)
    neighbours, mixed = made["neighbours"].lines, made["mixed"].lines
    assert len(neighbours) == EVENTS
    assert neighbours != mixed
    assert sorted(neighbours) == sorted(mixed)


def test_a_story_keeps_its_order_when_it_is_mixed_with_others() -> None:
    made = generate(EVENTS)
    told = {
        line.key: [each for each in made["neighbours"].lines if each.key == line.key] for line in made["mixed"].lines
    }
    for key, lines in told.items():
        assert [each for each in made["mixed"].lines if each.key == key] == lines


def test_the_same_count_gives_the_same_records() -> None:
    assert generate(EVENTS)["mixed"].lines == generate(EVENTS)["mixed"].lines


async def test_every_event_of_a_workload_is_legal() -> None:
    workload = generate(EVENTS)["mixed"]
    store = MemoryStore(REFERRAL)
    records = [Stood(offset, line.key, line.value) for offset, line in enumerate(workload.lines)]
    outcome = await Projector(REFERRAL, store, anywhere(CASES)).project(CASES, 0, records)
    expected = truth(workload)
    assert (outcome.events, outcome.refused, outcome.duplicates, outcome.parked) == (EVENTS, 0, 0, 0)
    assert len(store.tables["timeline"]) == EVENTS
    assert len(store.tables["referral"]) == expected.referrals
