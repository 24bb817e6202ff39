"""The marked places of an event's `data`, found in what a caller actually said."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from events.door import EACH, PLACES
from events.fields import Codelist, DateOrInstant, IdOf, Sealed


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


def spots(data: Mapping[str, Any], path: tuple[str, ...], pointer: str = "/data") -> Iterator[Spot]:
    """Yield the values at the path that are there, in the order they stand in."""
    first, *rest = path
    keys: Any = range(len(data)) if first == EACH else (first,) if first in data else ()
    for key in keys:
        if rest:
            yield from spots(data[key], tuple(rest), f"{pointer}/{key}")
        else:
            yield Spot(data, key, f"{pointer}/{key}")


def looked_up(full: str, data: Mapping[str, Any]) -> Iterator[tuple[Spot, IdOf | Codelist | DateOrInstant]]:
    """Yield the ids, codes and days that were said, each with what it asks admission to look up."""
    return _marked(_LOOKED_UP[full], data)


def texts(full: str, data: Mapping[str, Any]) -> list[Spot]:
    """Return the places of text about a person: still clear, or sealed for this place before."""
    paths = _TEXTS[full]
    return [spot for spot, _ in _marked(paths, data)] if paths else []


_Paths = Mapping[str, tuple[tuple[tuple[str, ...], Any], ...]]


def _paths(*, sealed: bool) -> _Paths:
    return {
        full: tuple((place.path, place.marker) for place in places if (place.marker is Sealed) is sealed)
        for full, places in PLACES.items()
    }


_LOOKED_UP, _TEXTS = _paths(sealed=False), _paths(sealed=True)


def _marked(paths: Sequence[tuple[tuple[str, ...], Any]], data: Mapping[str, Any]) -> Iterator[tuple[Spot, Any]]:
    for path, marker in paths:
        if path[0] not in data:
            continue
        if len(path) == 1:
            yield Spot(data, path[0], "/data/" + path[0]), marker
        else:
            for spot in spots(data, path):
                yield spot, marker
