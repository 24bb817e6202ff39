"""The schema's own words: the only ones from a row that a problem may repeat."""

from collections.abc import Iterator, Sequence
from typing import Any, get_args

from pydantic import BaseModel

from events.door import SAID


def fields(model: type[BaseModel], path: Sequence[str | int] = ()) -> list[str]:
    """Return the names of the fields at a path within the model, sorted."""
    for step in path:
        if isinstance(step, str):
            model = next((inner for name, inner in _parts(model) if name == step), model)
    return sorted(_name(key, field.alias) for key, field in model.model_fields.items())


def _name(key: str, alias: str | None) -> str:
    return alias or key


def _parts(model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    for key, field in model.model_fields.items():
        inner = _model_in(field.annotation)
        if inner is not None:
            yield _name(key, field.alias), inner


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)


def _all(model: type[BaseModel]) -> Iterator[str]:
    yield from fields(model)
    for _, inner in _parts(model):
        yield from _all(inner)


#: Every field name of every event at the door.
KNOWN = frozenset(name for model in SAID.values() for name in _all(model))
