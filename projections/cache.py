"""States kept between batches, the least recently used going first."""

from collections import OrderedDict
from collections.abc import Collection, Mapping

from projections.projection import Key, State


class Cache:
    """States of one partition's aggregates as they were last committed, each with its weight in bytes of JSON."""

    def __init__(self) -> None:
        self._held: OrderedDict[Key, tuple[State, int]] = OrderedDict()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._held)

    def __contains__(self, key: Key) -> bool:
        return key in self._held

    def find(self, keys: Collection[Key]) -> dict[Key, State]:
        """Return those that are held, and remember that they were asked for."""
        found: dict[Key, State] = {}
        for key in keys:
            held = self._held.get(key)
            if held is not None:
                self._held.move_to_end(key)
                found[key] = held[0]
        return found

    def take(self, states: Mapping[Key, State], weights: Mapping[Key, int]) -> None:
        """Hold these states from now on."""
        for key, state in states.items():
            before = self._held.pop(key, None)
            weight = weights[key]
            self.bytes += weight - (before[1] if before else 0)
            self._held[key] = (state, weight)

    def trim(self, count: int, size: int) -> None:
        """Let go of the least recently used until at most `count` states of `size` bytes are held."""
        while self._held and (len(self._held) > count or self.bytes > size):
            _, (_, weight) = self._held.popitem(last=False)
            self.bytes -= weight
