"""The published vocabulary as a table: what the documentation is made from."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import AwareDatetime, StringConstraints

from events import fields
from events.anatomy import Leaf, leaves
from events.authority import AUTHORITY
from events.catalogue import TOPIC_OF, TYPES, short
from events.door import body


@dataclass(frozen=True)
class Row:
    """A field of `data`: its path on the wire, what it holds, and whether it must be given."""

    path: str
    kind: str
    required: bool


@dataclass(frozen=True)
class Published:
    """An event type: who says it, whether a second person approves, where it stands, what it holds."""

    type: str
    name: str
    meaning: str
    topic: str
    who: str
    second: bool
    fields: tuple[Row, ...]


#: What a text of this form is, in words.
_FORMS = {
    fields.UUID_PATTERN: "id (UUID)",
    fields.SLUG_PATTERN: "partner id",
    fields.CODE_PATTERN: "code",
    fields.SOURCE_PATTERN: "source",
    fields.HASH_PATTERN: "SHA-256, hex",
    fields.ZONE_PATTERN: "IANA time zone",
    fields.DAY_PATTERN: "day",
    fields.AMOUNT_PATTERN: "decimal as text",
}


def published() -> Iterator[Published]:
    """Yield every published type, in the catalogue's order."""
    for full, cls in TYPES.items():
        authority = AUTHORITY[full]
        yield Published(
            type=full,
            name=short(full),
            meaning=" ".join((cls.__doc__ or "").split()),
            topic=TOPIC_OF[full].family,
            who=authority.who.value,
            second=authority.second,
            fields=tuple(_rows(full)),
        )


def _rows(full: str) -> Iterator[Row]:
    for leaf in leaves(body(full)):
        if leaf.path[0] != "admitted":
            yield Row(".".join(leaf.path), _kind(leaf), leaf.required)


def _kind(leaf: Leaf) -> str:
    for mark in leaf.marks:
        match mark:
            case fields.IdOf(kind):
                return f"id: {kind}"
            case fields.Codelist(name):
                return f"code in `{name}`"
            case fields.Coined():
                return "new code"
            case fields.DateOrInstant(end_of_day):
                return f"instant; a day means its {'end' if end_of_day else 'beginning'}"
            case _:
                continue
    return _plain(leaf)


def _plain(leaf: Leaf) -> str:
    if leaf.type is fields.Sealed:
        return "sealed text"
    if get_origin(leaf.type) is Literal:
        return ", ".join(f"`{_json(value)}`" for value in get_args(leaf.type))
    if leaf.type is AwareDatetime:
        return "instant"
    if leaf.type is bool:
        return "`true`, `false`"
    return _number(leaf.marks) if leaf.type is int else _text(leaf.marks)


def _json(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _text(marks: tuple[Any, ...]) -> str:
    constraints = next(mark for mark in marks if isinstance(mark, StringConstraints))
    if any(isinstance(mark, fields.Public) for mark in marks):
        return f"public text, at most {constraints.max_length} characters"
    return _FORMS[str(constraints.pattern)]


def _number(marks: tuple[Any, ...]) -> str:
    least = next(mark.ge for mark in marks if isinstance(mark, Ge))
    most = next(mark.le for mark in marks if isinstance(mark, Le))
    return f"{least} to {most}"
