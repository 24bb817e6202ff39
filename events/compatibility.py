"""Whether two versions of a schema can stand on one log: each one's events are read by the other.

Writers are closed (they write the fields of their schema alone), readers open (they ignore what they do
not know), so an optional field may come and go, and nothing may become narrower or wider.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from events.schema import structure

Schema = Mapping[str, Any]

_LOWER = ("minimum", "minLength", "minItems")
_UPPER = ("maximum", "maxLength", "maxItems")
#: What the reader asks for, the writer must say in the same words: whether one pattern lies within another
#: cannot be told, and another default would change what an older event means.
_SAME = ("type", "default", "pattern", "format", "formatMinimum", "formatExclusiveMaximum")
_STRUCTURE = ("$defs", "$ref", "anyOf", "const", "enum", "items", "properties", "required", "additionalProperties")
_KNOWN = frozenset((*_LOWER, *_UPPER, *_SAME, *_STRUCTURE))


def incompatible(one: Schema, other: Schema) -> list[str]:
    """Return the places in which an event of either version would not be read by the other, sorted.

    Raises ValueError for a schema with a keyword that is not judged here.
    """
    return sorted({*unread(one, other), *unread(other, one)})


def unread(writer: Schema, reader: Schema) -> Iterator[str]:
    """Yield the places in which the reader would not take what the writer may write."""
    yield from _Pair(writer, reader).compare(structure(writer), structure(reader), "")


class _Pair:
    """A writer's and a reader's schema, whose parts may point into their definitions."""

    def __init__(self, writer: Schema, reader: Schema) -> None:
        self._writer: Schema = structure(writer).get("$defs", {})
        self._reader: Schema = structure(reader).get("$defs", {})

    def compare(self, writer: Schema, reader: Schema, place: str) -> Iterator[str]:
        writer, reader = _resolved(writer, self._writer), _resolved(reader, self._reader)
        arms = _arms(writer), _arms(reader)
        if len(arms[0]) + len(arms[1]) > 2:
            yield from self._choice(*arms, place)
        elif _values_outside(writer, reader) or _bounds_outside(writer, reader):
            yield place
        else:
            yield from self._inside(writer, reader, place)

    def _choice(self, writer: Sequence[Schema], reader: Sequence[Schema], place: str) -> Iterator[str]:
        for arm in writer:
            if all(any(self.compare(arm, other, place)) for other in reader):
                yield place

    def _inside(self, writer: Schema, reader: Schema, place: str) -> Iterator[str]:
        for name in set(reader.get("required", ())) - set(writer.get("required", ())):
            yield f"{place}/{name}"
        ours, theirs = writer.get("properties", {}), reader.get("properties", {})
        for name in sorted(ours.keys() & theirs.keys()):
            yield from self.compare(ours[name], theirs[name], f"{place}/{name}")
        if "items" in writer and "items" in reader:
            yield from self.compare(writer["items"], reader["items"], f"{place}/*")


def _resolved(schema: Schema, definitions: Schema) -> Schema:
    if not schema.keys() <= _KNOWN:
        raise ValueError(f"keywords not judged: {sorted(schema.keys() - _KNOWN)}")
    if "$ref" in schema:
        beside = {name: part for name, part in schema.items() if name != "$ref"}
        return _resolved({**definitions[schema["$ref"].removeprefix("#/$defs/")], **beside}, definitions)
    return schema


def _arms(schema: Schema) -> Sequence[Schema]:
    arms: Sequence[Schema] = schema.get("anyOf", (schema,))
    return arms


def _values(schema: Schema) -> list[Any] | None:
    values: list[Any] | None = [schema["const"]] if "const" in schema else schema.get("enum")
    return values


def _values_outside(writer: Schema, reader: Schema) -> bool:
    ours, theirs = _values(writer), _values(reader)
    return theirs is not None and (ours is None or any(value not in theirs for value in ours))


def _bounds_outside(writer: Schema, reader: Schema) -> bool:
    return (
        any(name in reader and writer.get(name) != reader[name] for name in _SAME)
        or any(name in reader and writer.get(name, float("-inf")) < reader[name] for name in _LOWER)
        or any(name in reader and writer.get(name, float("inf")) > reader[name] for name in _UPPER)
    )
