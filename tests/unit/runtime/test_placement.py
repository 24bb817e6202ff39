"""A key's partition is the one that every Kafka client chooses, or one person's history would have two orders."""

from random import Random

import pytest
from aiokafka.partitioner import DefaultPartitioner

from services.runtime.placement import placement
from tests.oracle.placing import hashed, place

#: Keys with the hashes that Kafka's own tests ask of it, as signed numbers.
KNOWN = {
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    b"abc": 479470107,
}


@pytest.mark.parametrize(("key", "number"), KNOWN.items())
def test_the_independent_hash_is_kafkas(key: bytes, number: int) -> None:
    assert hashed(key) == number % 2**32


@pytest.mark.parametrize("count", [1, 2, 3, 4, 8, 32])
def test_keys_are_placed_as_clients_place_them(count: int) -> None:
    random, home, partitions = Random(count), placement(count), list(range(count))
    keys = [random.randbytes(random.randrange(41)) for _ in range(300)]
    placed = [home(key) for key in keys]
    assert placed == [place(key, count) for key in keys]
    assert placed == [DefaultPartitioner.__call__(key, partitions, partitions) for key in keys]
    assert set(placed) == set(partitions)


def test_a_count_has_one_placement() -> None:
    assert placement(5) is placement(5)
