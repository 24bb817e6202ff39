"""The values within a model, found by its annotations."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from events.fields import Sealed

#: Stands for every item of an array in a path.
EACH = "*"


@dataclass(frozen=True)
class Leaf:
    """One value: its path (names on the wire from the outside in), its type, and all that is said of it."""

    path: tuple[str, ...]
    type: Any
    marks: tuple[Any, ...]
    required: bool


def leaves(model: type[BaseModel]) -> Iterator[Leaf]:
    """Yield the values of the model in the order of its fields; sealed text counts as one value."""
    return _fields(model, Leaf((), model, (), required=True))


def whole(field: FieldInfo) -> Any:
    """Return the field's annotation with its metadata around it, which pydantic takes apart."""
    return Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation


def _flat(metadata: tuple[Any, ...]) -> Iterator[Any]:
    """Yield what a `Field(...)` among the metadata stands for, and all else as it is."""
    for mark in metadata:
        if isinstance(mark, FieldInfo):
            yield from mark.metadata
        else:
            yield mark


def _fields(model: type[BaseModel], at: Leaf) -> Iterator[Leaf]:
    for name, field in model.model_fields.items():
        path = (*at.path, field.alias or name)
        yield from _walk(Leaf(path, whole(field), (), at.required and field.is_required()))


def _walk(at: Leaf) -> Iterator[Leaf]:
    origin, arguments = get_origin(at.type), get_args(at.type)
    if origin is Annotated:
        yield from _walk(Leaf(at.path, arguments[0], (*at.marks, *_flat(arguments[1:])), at.required))
    elif origin in (Union, UnionType):
        for arm in (each for each in arguments if each is not NoneType):
            yield from _walk(Leaf(at.path, arm, at.marks, at.required))
    elif origin is tuple:
        yield from _walk(Leaf((*at.path, EACH), arguments[0], (), at.required))
    elif isinstance(at.type, type) and issubclass(at.type, BaseModel) and at.type is not Sealed:
        yield from _fields(at.type, at)
    else:
        yield at
