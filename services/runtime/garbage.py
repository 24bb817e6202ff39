"""When Python looks for garbage: seldom, as a fold leaves none that reference counting does not free."""

import gc

#: Containers made before a look at the young ones; looks before the older and the oldest are looked at.
THRESHOLDS = (200_000, 20, 100)


def look_seldom() -> None:
    """Leave what is loaded out of every later look, and look seldom.

    A batch holds tens of thousands of containers at once; Python's own thresholds walk them again and again,
    which took up to half of a processor's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)


def look_when_asked() -> None:
    """Leave what is loaded out of every later look, and look only when `look` is called.

    For work that makes and frees millions of containers and next to no garbage, where every look is in vain.
    """
    gc.collect()
    gc.freeze()
    gc.disable()


def look() -> None:
    """Look once, at everything that is not frozen."""
    gc.collect()
