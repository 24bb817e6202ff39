"""The marked places of an event's `data`, found in what a caller actually said."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from events.door import EACH, PLACES
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


def spots(data: Mapping[str, Any], path: tuple[str, ...], pointer: str = "/data") -> Iterator[Spot]:
    """Yield the values at the path that are there, in the order they stand in."""
    first, *rest = path
    keys: Any = range(len(data)) if first == EACH else (first,) if first in data else ()
    for key in keys:
        if rest:
            yield from spots(data[key], tuple(rest), f"{pointer}/{key}")
        else:
            yield Spot(data, key, f"{pointer}/{key}")


_Marked = tuple[tuple[tuple[str, ...], Any], ...]


def _marked(*, sealed: bool) -> Mapping[str, _Marked]:
    return {
        full: tuple((place.path, place.marker) for place in places if (place.marker is Sealed) is sealed)
        for full, places in PLACES.items()
    }


_LOOKED_UP, _TEXTS = _marked(sealed=False), _marked(sealed=True)
#: By type, what asks admission to look something up: right in `data`, and further inside.
PLAIN: Mapping[str, tuple[tuple[str, LookUp], ...]] = {
    full: tuple((path[0], marker) for path, marker in marked if len(path) == 1) for full, marked in _LOOKED_UP.items()
}
INSIDE: Mapping[str, tuple[tuple[tuple[str, ...], LookUp], ...]] = {
    full: tuple((path, marker) for path, marker in marked if len(path) > 1) for full, marked in _LOOKED_UP.items()
}


def texts(full: str, data: Mapping[str, Any]) -> list[Spot]:
    """Return the places of text about a person: still clear, or sealed for this place before."""
    return [spot for path, _ in _TEXTS[full] if path[0] in data for spot in spots(data, path)]
