"""Keys in memory: no longer than a minute, no more than the bound, and not past their destruction."""

from services.vault.cache import LIFE, KeyCache
from tests.unit.vault.places import key

ALVA, BRAN, CLEO = ("north", "alva"), ("north", "bran"), ("north", "cleo")


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_key_is_held_for_a_minute_from_when_it_was_read() -> None:
    clock = Clock()
    cache, held = KeyCache(clock, 10), key()
    reading = cache.reading()
    clock.now += 5
    cache.put({ALVA: held}, reading)
    clock.now += LIFE - 5.001
    assert cache.get(ALVA) is held
    clock.now += 0.001
    assert cache.get(ALVA) is None


def test_expired_keys_leave_memory() -> None:
    clock = Clock()
    cache = KeyCache(clock, 10)
    cache.put({ALVA: key(), BRAN: key()}, cache.reading())
    clock.now += LIFE
    cache.put({CLEO: key()}, cache.reading())
    assert len(cache) == 1


def test_oldest_key_makes_room() -> None:
    cache = KeyCache(Clock(), 2)
    for owner in (ALVA, BRAN, CLEO):
        cache.put({owner: key()}, cache.reading())
    assert [cache.get(owner) is None for owner in (ALVA, BRAN, CLEO)] == [True, False, False]


def test_dropped_key_is_gone_at_once() -> None:
    cache = KeyCache(Clock(), 10)
    cache.put({ALVA: key(), BRAN: key()}, cache.reading())
    cache.drop(ALVA)
    assert cache.get(ALVA) is None
    assert cache.get(BRAN) is not None


def test_key_read_before_a_destruction_is_not_put_back_after_it() -> None:
    cache = KeyCache(Clock(), 10)
    reading = cache.reading()
    cache.drop(ALVA)
    cache.put({ALVA: key()}, reading)
    assert cache.get(ALVA) is None


def test_same_person_of_another_initiative_has_another_key() -> None:
    cache = KeyCache(Clock(), 10)
    cache.put({ALVA: key()}, cache.reading())
    assert cache.get(("south", "alva")) is None
