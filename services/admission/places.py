"""The marked places of an event's `data`, found in what a caller actually said."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from events.door import EACH, PLACES, Marker
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


def _paths(kind: type[Any] | None) -> Mapping[str, tuple[tuple[tuple[str, ...], Any], ...]]:
    """Return by type the paths that carry this kind of marker (None: the sealed ones), each with its marker."""
    return {
        full: tuple((place.path, place.marker) for place in places if _is(place.marker, kind))
        for full, places in PLACES.items()
    }


def _is(marker: Marker, kind: type[Any] | None) -> bool:
    return marker is Sealed if kind is None else isinstance(marker, kind)


_IDS, _CODES, _DAYS, _TEXTS = _paths(IdOf), _paths(Codelist), _paths(DateOrInstant), _paths(None)


def ids(full: str, data: Mapping[str, Any]) -> Iterator[tuple[Spot, IdOf]]:
    return _marked(_IDS[full], data)


def codes(full: str, data: Mapping[str, Any]) -> Iterator[tuple[Spot, Codelist]]:
    return _marked(_CODES[full], data)


def days(full: str, data: Mapping[str, Any]) -> Iterator[tuple[Spot, DateOrInstant]]:
    return _marked(_DAYS[full], data)


def texts(full: str, data: Mapping[str, Any]) -> Iterator[Spot]:
    """Yield the places of text about a person: still clear, or sealed for this place before."""
    return (spot for spot, _ in _marked(_TEXTS[full], data))


def _marked(paths: Sequence[tuple[tuple[str, ...], Any]], data: Mapping[str, Any]) -> Iterator[tuple[Spot, Any]]:
    for path, marker in paths:
        if path[0] not in data:
            continue
        if len(path) == 1:
            yield Spot(data, path[0], "/data/" + path[0]), marker
        else:
            for spot in spots(data, path):
                yield spot, marker
