"""The marked places of an event's `data`, found in what a caller actually said."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from events.door import EACH, PLACES, Place
from events.fields import Codelist, DateOrInstant, IdOf, Sealed

LookUp = IdOf | Codelist | DateOrInstant


class Spot(NamedTuple):
    """One value: the object or array it stands in, its key there, and its JSON pointer from the event's root."""

    inside: Any
    key: Any
    pointer: str

    @property
    def value(self) -> Any:
        return self.inside[self.key]

    def put(self, value: Any) -> None:
        self.inside[self.key] = value


def spots(data: Mapping[str, Any], path: tuple[str, ...]) -> list[Spot]:
    """Return the values at the path that are there, in the order they stand in."""
    if path[0] not in data:
        return []
    *way, last = path
    inside: list[tuple[Any, str]] = [(data, "/data")]
    for step in way:
        inside = [(value[key], f"{pointer}/{key}") for value, pointer in inside for key in _keys(value, step)]
    return [Spot(value, key, f"{pointer}/{key}") for value, pointer in inside for key in _keys(value, last)]


def _keys(value: Any, step: str) -> Sequence[str | int]:
    if step == EACH:
        return range(len(value))
    return (step,) if step in value else ()


class Marked(NamedTuple):
    """What asks admission to look something up, by where it stands."""

    #: Right in `data`: the key and the JSON pointer.
    plain: tuple[tuple[str, str, LookUp], ...]
    #: Arrays of codes right in `data`: the key and the codelist.
    codes: tuple[tuple[str, Codelist], ...]
    #: Further inside.
    inside: tuple[tuple[tuple[str, ...], LookUp], ...]


def _marked(places: Iterable[Place]) -> Marked:
    plain: list[tuple[str, str, LookUp]] = []
    codes: list[tuple[str, Codelist]] = []
    inside: list[tuple[tuple[str, ...], LookUp]] = []
    for path, mark in ((place.path, place.marker) for place in places):
        if isinstance(mark, type):
            continue
        if len(path) == 1:
            plain.append((path[0], "/data/" + path[0], mark))
        elif len(path) == 2 and path[1] == EACH and isinstance(mark, Codelist):
            codes.append((path[0], mark))
        else:
            inside.append((path, mark))
    return Marked(tuple(plain), tuple(codes), tuple(inside))


#: By type, what is looked up.
MARKED: Mapping[str, Marked] = {full: _marked(places) for full, places in PLACES.items()}
_TEXTS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    full: tuple(place.path for place in places if place.marker is Sealed) for full, places in PLACES.items()
}


def texts(full: str, data: Mapping[str, Any]) -> list[Spot]:
    """Return the places of text about a person: still clear, or sealed for this place before."""
    found: list[Spot] = []
    for path in _TEXTS[full]:
        if path[0] in data:
            found += spots(data, path)
    return found
