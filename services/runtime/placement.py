"""Where a key's records stand: the one partition in which everything about it has an order."""

from functools import cache, lru_cache

from aiokafka.partitioner import murmur2

from projections.record import Home

#: Keys whose partition is kept at hand, as hashing one takes as long as judging its record.
KEYS = 100_000


@cache
def placement(count: int) -> Home:
    """Return what places a key in a topic of so many partitions, as Kafka's own clients do."""

    @lru_cache(KEYS)
    def home(key: bytes) -> int:
        hashed: int = murmur2(key)
        return (hashed & 0x7FFFFFFF) % count

    return home
