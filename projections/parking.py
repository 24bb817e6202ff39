"""Parking: what is kept of an entry that a view could not take, so that it can be tried again."""

from traceback import walk_tb

import msgspec

from projections.projection import Entry

#: How a view may fail on one aggregate without harm to the others; anything else is a fault and stops.
FAILURES = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError)

_encoder = msgspec.json.Encoder(order="deterministic")


def describe(failure: BaseException) -> str:
    """Return the failure's type and the place it came from, never its message, as that may quote data."""
    name = type(failure).__name__
    frames = list(walk_tb(failure.__traceback__))
    if not frames:
        return name
    frame, line = frames[-1]
    return f"{name} in {frame.f_globals.get('__name__', '?')}.{frame.f_code.co_name}, line {line}"


def frozen(entry: Entry) -> str:
    """Return the ruling, its times and the states it changed, after and before, as canonical JSON.

    Raises TypeError when a state holds what JSON cannot.
    """
    return _encoder.encode(
        {
            "outcome": type(entry.ruling).__name__.lower(),
            "ruling": entry.ruling,
            "recorded": entry.at.recorded,
            "instant": entry.at.instant,
            "changed": [[*key, state] for key, state in entry.changed.items()],
            "before": [[*key, state] for key, state in entry.before.items()],
        }
    ).decode()
