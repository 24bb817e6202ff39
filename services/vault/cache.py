"""Keys held for a minute, so that a batch of one person's events asks once; a destroyed key is dropped at once."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import NamedTuple

from services.vault.sealing import DataKey

#: Seconds after which a key is read again: other processes see a destruction no later than this.
LIFE = 60.0

Owner = tuple[str, str]


class Reading(NamedTuple):
    """When keys began to be read, and how many had been dropped by then."""

    at: float
    dropped: int


class KeyCache:
    """At most `size` keys by (initiative, owner), each no older than LIFE; `clock` gives seconds that only grow."""

    def __init__(self, clock: Callable[[], float], size: int) -> None:
        self._clock = clock
        self._size = size
        #: In the order they were read in, so the oldest stands first.
        self._keys: OrderedDict[Owner, tuple[float, DataKey]] = OrderedDict()
        self._dropped = 0

    def __len__(self) -> int:
        return len(self._keys)

    def get(self, owner: Owner) -> DataKey | None:
        held = self._keys.get(owner)
        if held is None or self._clock() - held[0] >= LIFE:
            return None
        return held[1]

    def reading(self) -> Reading:
        """Say that keys are about to be read; `put` wants to know."""
        return Reading(self._clock(), self._dropped)

    def put(self, keys: Mapping[Owner, DataKey], reading: Reading) -> None:
        """Hold keys, unless one was destroyed while they were read: it could be among them."""
        if reading.dropped != self._dropped:
            return
        for owner, key in keys.items():
            self._keys[owner] = (reading.at, key)
            self._keys.move_to_end(owner)
        self._evict()

    def drop(self, owner: Owner) -> None:
        self._dropped += 1
        self._keys.pop(owner, None)

    def _evict(self) -> None:
        stale = self._clock() - LIFE
        while self._keys and (len(self._keys) > self._size or next(iter(self._keys.values()))[0] <= stale):
            self._keys.popitem(last=False)
