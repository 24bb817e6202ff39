"""The marked places of an event's `data`, found in what a caller actually said."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
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


@cache
def paths(full: str, kind: type[Any]) -> tuple[tuple[tuple[str, ...], Any], ...]:
    """Return the type's paths marked by this kind of marker, each with its marker."""
    marks: Callable[[Marker], bool] = (
        (lambda mark: mark is Sealed) if kind is Sealed else lambda mark: isinstance(mark, kind)
    )
    return tuple((place.path, place.marker) for place in PLACES[full] if marks(place.marker))


def ids(full: str, data: Mapping[str, Any]) -> Iterator[tuple[Spot, IdOf]]:
    return _marked(full, data, IdOf)


def codes(full: str, data: Mapping[str, Any]) -> Iterator[tuple[Spot, Codelist]]:
    return _marked(full, data, Codelist)


def days(full: str, data: Mapping[str, Any]) -> Iterator[tuple[Spot, DateOrInstant]]:
    return _marked(full, data, DateOrInstant)


def texts(full: str, data: Mapping[str, Any]) -> Iterator[Spot]:
    """Yield the places of text about a person: still clear, or sealed for this place before."""
    return (spot for spot, _ in _marked(full, data, Sealed))


def _marked(full: str, data: Mapping[str, Any], kind: type[Any]) -> Iterator[tuple[Spot, Any]]:
    for path, marker in paths(full, kind):
        if path[0] in data:
            for spot in spots(data, path):
                yield spot, marker
