"""What a caller may send, derived from what stands on the log.

A said event differs from the logged one in four ways: text may still be clear where it will be sealed,
ids may be the caller's own (`own:<id>`), days may stand for instants, and nothing of `admitted` is there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType, UnionType
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, create_model
from pydantic.fields import FieldInfo

from events.anatomy import EACH, leaves, whole
from events.catalogue import TYPES, short
from events.envelope import LateReason
from events.fields import Codelist, DateOrInstant, IdOf, Key, PersonId, Sealed, Slug, Source
from events.spoken import EmittedId, IdOrOwn, SealedOrClear, Subject, Time, TimeOrDay, written_out

__all__ = ["EACH", "PLACES", "SAID", "Marker", "Place", "Said", "body"]

_LOOKED_UP = (IdOf, Codelist, DateOrInstant)
Marker = IdOf | Codelist | DateOrInstant | type[Sealed]


@dataclass(frozen=True)
class Place:
    """Where in `data` a marked value stands: keys from the outside in, `EACH` for the items of an array."""

    path: tuple[str, ...]
    marker: Marker


class Said(BaseModel):
    """The attributes a caller may give; the rest is filled in from who the caller is."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    id: EmittedId
    time: Time
    client: IdOrOwn | None = None
    subject: Subject | None = None
    specversion: Literal["1.0"] = "1.0"
    datacontenttype: Literal["application/json"] = "application/json"
    source: Source | None = None
    initiative: Slug | None = None
    #: Given by system callers alone; a partner names the client instead.
    partitionkey: Key | None = None
    actor: PersonId | None = None
    approver: PersonId | None = None
    latereason: LateReason | None = None
    correlationid: EmittedId | None = None
    causationid: EmittedId | None = None


@cache
def _door_body(model: type[BaseModel]) -> type[BaseModel]:
    fields: dict[str, Any] = {
        name: (_door_type(whole(field)), _same_field(field))
        for name, field in model.model_fields.items()
        if name != "admitted"
    }
    config = ConfigDict(frozen=True, hide_input_in_errors=True)
    return create_model(f"Said{model.__name__}", __config__=config, __doc__=model.__doc__, **fields)


def _same_field(field: FieldInfo) -> Any:
    if field.is_required():
        return Field(alias=field.alias)
    return Field(default=field.default, alias=field.alias)


def _door_type(annotation: Any) -> Any:
    """Return what may be said where `annotation` stands on the log, down to the leaves."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _door_marked(arguments[0], arguments[1:])
    if origin in (Union, UnionType):
        return _union(tuple(_door_type(arm) for arm in arguments))
    if origin is tuple:
        item: Any = _door_type(arguments[0])
        return tuple[item, ...]
    return _door_leaf(annotation)


def _door_marked(inner: Any, metadata: tuple[Any, ...]) -> Any:
    if any(isinstance(mark, IdOf) for mark in metadata):
        return IdOrOwn
    if any(isinstance(mark, DateOrInstant) for mark in metadata):
        return TimeOrDay
    if inner is AwareDatetime:
        return Annotated[(inner, *metadata, BeforeValidator(written_out))]
    return Annotated[(_door_type(inner), *metadata)]


def _door_leaf(annotation: Any) -> Any:
    if annotation is Sealed:
        return SealedOrClear
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _door_body(annotation)
    return annotation


def _union(arms: tuple[Any, ...]) -> Any:
    return Union[arms]  # noqa: UP007 - the arms are known at run time only


def _places(model: type[BaseModel]) -> Iterator[Place]:
    for leaf in leaves(model):
        marks = (Sealed,) if leaf.type is Sealed else leaf.marks
        yield from (Place(leaf.path, mark) for mark in marks if mark is Sealed or isinstance(mark, _LOOKED_UP))


def body(full: str) -> type[BaseModel]:
    """Return the model of `data` that this type has on the log."""
    return cast(type[BaseModel], TYPES[full].model_fields["data"].annotation)


def _said(full: str) -> type[Said]:
    names: Any = Literal[full, short(full)]
    data = _door_body(body(full))
    return create_model(f"Said{TYPES[full].__name__}", __base__=Said, type=(names, ...), data=(data, ...))


#: The model that a caller's event of each type is validated by (with unknown fields forbidden).
SAID: Mapping[str, type[Said]] = MappingProxyType({full: _said(full) for full in TYPES})
#: The marked places within `data`, by type.
PLACES: Mapping[str, tuple[Place, ...]] = MappingProxyType(
    {full: tuple(place for place in _places(body(full)) if place.path[0] != "admitted") for full in TYPES}
)
