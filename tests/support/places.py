"""Who lives in a partition, for tests that choose the partition first and the person after."""

from itertools import count

from projections.record import Home, Partition
from services.runtime.placement import placement
from tests.support.events import ident


def anywhere(partition: Partition) -> Home:
    """Say that every key is at home in this one partition, for tests in which there is no other."""
    return lambda _: partition.number


def resident(name: str, partition: int, partitions: int) -> str:
    """Return the UUID, the same for the same name, of somebody whose records belong in this one of the partitions."""
    home = placement(partitions)
    return next(who for turn in count() if home((who := ident(f"{name}, {turn}")).encode()) == partition)
