"""States at hand: bounded, the least recently used going first."""

from projections.cache import Cache
from projections.projection import Key

A, B, C = (Key("client", "riverbend", "ada", name) for name in "abc")


def test_what_was_asked_for_last_stays_longest() -> None:
    cache = Cache()
    cache.take({A: 1, B: 2, C: 3}, {A: 10, B: 10, C: 10})
    assert cache.find([A, Key("client", "x", "y", "z")]) == {A: 1}
    cache.trim(2, 100)
    assert (A in cache, B in cache, C in cache) == (True, False, True)


def test_a_state_that_grew_counts_at_its_new_weight() -> None:
    cache = Cache()
    cache.take({A: 1, B: 2}, {A: 10, B: 10})
    cache.take({A: 3}, {A: 50})
    assert (len(cache), cache.bytes) == (2, 60)
    cache.trim(10, 55)
    assert cache.find([A, B]) == {A: 3}
    cache.trim(10, 0)
    assert (len(cache), cache.bytes) == (0, 0)
