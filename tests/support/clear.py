"""What a model could say in clear that is no code, bounded number, id, time, public text or sealed text."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen
from pydantic import AwareDatetime, BaseModel, StringConstraints
from pydantic.fields import FieldInfo

from events import fields
from events.fields import Public, Sealed

#: The forms that leave no room for somebody's words; each ends where it begins to grow.
FORMS = frozenset(
    {
        fields.UUID_PATTERN,
        fields.SLUG_PATTERN,
        fields.CODE_PATTERN,
        fields.SOURCE_PATTERN,
        fields.KEY_PATTERN,
        fields.HASH_PATTERN,
        fields.ZONE_PATTERN,
        fields.DAY_PATTERN,
        fields.AMOUNT_PATTERN,
    }
)


def found(model: type[BaseModel], path: str = "") -> list[str]:
    """Return the paths of the model in which anything at all could be said."""
    return [
        each
        for name, field in model.model_fields.items()
        for each in _said(field.annotation, field.metadata, f"{path}/{name}")
    ]


def _said(annotation: Any, marks: Sequence[Any], path: str) -> Iterator[str]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        yield from _said(arguments[0], [*marks, *arguments[1:]], path)
    elif origin in (Union, UnionType):
        for arm in arguments:
            yield from _said(arm, marks, path)
    elif origin is tuple and arguments[1:] == (...,):
        yield from _said(arguments[0], (), f"{path}/*") if _one(marks, MaxLen) else [f"{path}/*"]
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from () if annotation is Sealed else found(annotation, path)
    elif not _harmless(annotation, origin, marks):
        yield path


def _harmless(annotation: Any, origin: Any, marks: Sequence[Any]) -> bool:
    if annotation in (bool, NoneType) or origin is Literal:
        return True
    if annotation is int:
        return _one(marks, Ge, Gt) and _one(marks, Le, Lt)
    if annotation in (datetime, AwareDatetime):
        return _one(marks, Ge) and _one(marks, Lt)
    return annotation is str and any(_bounded(mark, marks) for mark in _flat(marks))


def _bounded(mark: Any, marks: Sequence[Any]) -> bool:
    if not isinstance(mark, StringConstraints):
        return False
    return mark.pattern in FORMS or (_one(marks, Public) and mark.max_length is not None)


def _one(marks: Sequence[Any], *kinds: type[Any]) -> bool:
    return any(isinstance(mark, kinds) for mark in _flat(marks))


def _flat(marks: Sequence[Any]) -> Iterator[Any]:
    for mark in marks:
        if isinstance(mark, FieldInfo):
            yield from mark.metadata
        else:
            yield mark
