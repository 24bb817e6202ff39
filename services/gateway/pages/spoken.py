"""What was said with an event, in plain words.  Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from events.catalogue import NAMES
from events.door import PLACES
from events.fields import Codelist
from services.gateway.pages.known import Known
from services.gateway.pages.words import CHANNELS, MET, OUTCOMES, RESULTS, day, listed

#: By full type and path, the codelist that a code is of.
_LISTS: Mapping[tuple[str, tuple[str, ...]], str] = MappingProxyType(
    {
        (full, place.path): place.marker.name
        for full, places in PLACES.items()
        for place in places
        if isinstance(place.marker, Codelist)
    }
)
_HEARD = {"client": "Heard from the person", "partner": "Heard from the organisation"}
Say = Callable[[str, Any, Known], str]


def in_words(name: str, said: Mapping[str, Any] | None, known: Known) -> str:
    """Return what was said with an event of this short name; nothing where nothing was, or it is withheld."""
    full = NAMES[name]
    told = [say(full, said[word], known) for word, say in _SAY.items() if word in said] if said else []
    return "".join(f"{text}. " for text in told).rstrip()


def _code(word: str, before: str) -> Say:
    def say(full: str, said: Any, known: Known) -> str:
        return before + _label(full, (word,), said, known)

    return say


def _label(full: str, path: tuple[str, ...], code: str, known: Known) -> str:
    return known.label(_LISTS[full, path], code)


def _word(words: Mapping[str, str], before: str = "") -> Say:
    def say(_: str, said: Any, __: Known) -> str:
        return before + words[said]

    return say


def _given(full: str, said: Any, known: Known) -> str:
    return f"Given: {listed([_output(full, each, known) for each in said])}"


def _output(full: str, said: Mapping[str, str], known: Known) -> str:
    kind = _label(full, ("outputs", "*", "kind"), said["kind"], known)
    unit = _label(full, ("outputs", "*", "unit"), said["unit"], known).lower() if "unit" in said else ""
    much = " ".join(part for part in (said.get("amount", ""), unit) if part)
    return f"{kind} ({much})" if much else kind


def _tries(_: str, said: Any, __: Known) -> str:
    return f"Attempts to reach the person: {said}"


def _suggested(_: str, said: Any, known: Known) -> str:
    return f"Might help instead: {listed([known.partner(each) for each in said])}"


def _expected(_: str, said: Any, known: Known) -> str:
    return f"Expected by {day(datetime.fromisoformat(said), known.zone)}"


#: How each word is told, in the order in which they stand.
_SAY: Mapping[str, Say] = MappingProxyType(
    {
        "outcome": _word(OUTCOMES, "Served: "),
        "reason": _code("reason", "Why: "),
        "outputs": _given,
        "attempts": _tries,
        "because": _code("because", "Why it is corrected: "),
        "channel": _word(CHANNELS),
        "result": _word(RESULTS),
        "suggested_partners": _suggested,
        "expected_by": _expected,
        "need_met": _word(MET, "Need met: "),
        "heard_from": _word(_HEARD),
        "sector": _code("sector", "Arranged with: "),
        "disposition": _code("disposition", "Why: "),
    }
)
