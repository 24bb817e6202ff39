"""Waiting for another process, with a deadline."""

import time
from collections.abc import Callable

INTERVAL_S = 0.02


def holds(condition: Callable[[], bool], seconds: float) -> bool:
    """Return whether `condition` came true within `seconds`; it is asked at least once."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(INTERVAL_S)
    return True
