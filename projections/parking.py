"""Parking: what is kept of an entry that a view could not take, so that it can be tried again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from traceback import walk_tb

import msgspec

from events.catalogue import Event
from projections.projection import At, Entry, Key, Kind, State
from projections.record import Partition
from projections.ruling import APPLIED, Judgement, Partly, Refused

#: How a view may fail on one aggregate without harm to the others; anything else is a fault and stops.
FAILURES = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError)

_encoder = msgspec.json.Encoder(order="deterministic")
#: An aggregate's kind, initiative, record key and id, and its state.
_Kept = tuple[str, str, str, str, msgspec.Raw]
_RULINGS: Mapping[str, type[Judgement]] = {"refused": Refused, "partly": Partly}


class _Frozen(msgspec.Struct, frozen=True):
    outcome: str
    ruling: msgspec.Raw
    recorded: datetime
    instant: datetime
    changed: Sequence[_Kept]
    before: Sequence[_Kept] = ()


_decode = msgspec.json.Decoder(_Frozen).decode


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


def thawed(entry: str, event: Event, place: tuple[Partition, int], kinds: Mapping[str, Kind]) -> Entry:
    """Return the entry as a view was given it, for the event that stands at `place` on the log.

    Raises msgspec.ValidationError when it is none that `frozen` made, or of states of another form.
    """
    found = _decode(entry)
    kind = _RULINGS.get(found.outcome)
    ruling = APPLIED if kind is None else msgspec.json.decode(found.ruling, type=kind)
    at = At(*place, found.recorded, found.instant)
    return Entry(event, ruling, at, _states(found.changed, kinds), _states(found.before, kinds))


def _states(kept: Sequence[_Kept], kinds: Mapping[str, Kind]) -> dict[Key, State]:
    return {Key(*key): kinds[key[0]].decode(bytes(state).decode()) for *key, state in kept}
