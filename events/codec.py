"""Bytes on the log ⇄ events.  Writers forbid unknown fields, readers ignore them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from events.catalogue import TYPES, UNIONS, Event
from events.envelope import PREFIX, TYPE_PATTERN, Body, Envelope
from events.topics import Topic


@final
@dataclass(frozen=True)
class Unreadable:
    """A record that says nothing the house can judge; `reason` is one of `codes.UNREADABLE`."""

    reason: str


class UnknownType(Exception):
    """A valid envelope of a type that this build does not know: a newer writer is ahead of this reader."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class _Typed(BaseModel):
    type: str


class _Unknown(Envelope):
    """What admission can be trusted to have written, whatever the type."""

    type: Annotated[str, StringConstraints(pattern=TYPE_PATTERN)]
    data: Body


def _reader(union: Any) -> Callable[[bytes], Any]:
    """Return what reads bytes of this union; only the names repeat from event to event, so only they are cached."""
    discriminated: Any = Annotated[union, Field(discriminator="type")]
    adapter: TypeAdapter[Any] = TypeAdapter(discriminated, config=ConfigDict(cache_strings="keys"))
    return adapter.validator.validate_json


_READERS: Mapping[Topic, Callable[[bytes], Any]] = MappingProxyType(
    {topic: _reader(union) for topic, union in UNIONS.items()}
)


def read(topic: Topic, key: bytes | None, value: bytes | None) -> Event | Unreadable:
    """Return the event in a record of `topic`, or why it cannot be read.

    Raises UnknownType for a type under `org.manyhands.` that this build does not know.
    """
    if value is None:
        return Unreadable("empty")
    try:
        event: Event = _READERS[topic](value)
    except ValidationError as error:
        return why(error, key, value)
    return event if key == event.partitionkey.encode() else Unreadable("wrong-key")


def why(error: ValidationError, key: bytes | None, value: bytes) -> Unreadable:
    """Return why no event was found in the value, by what its union of events made of it.  Raises UnknownType."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    if first["type"] == "json_invalid":
        return Unreadable("not-json")
    if first["loc"]:  # the type was known
        return Unreadable("bad-payload")
    return _of_no_known_type(key, value) if first["type"] == "union_tag_invalid" else Unreadable("bad-envelope")


def _of_no_known_type(key: bytes | None, value: bytes) -> Unreadable:
    try:
        name = _Typed.model_validate_json(value).type
        if name in TYPES:
            return Unreadable("wrong-topic")
        if not name.startswith(PREFIX):
            return Unreadable("foreign-type")
        event = _Unknown.model_validate_json(value)
    except ValidationError:
        return Unreadable("bad-envelope")
    if key != event.partitionkey.encode():
        return Unreadable("wrong-key")
    raise UnknownType(event.type)


def write(event: Envelope) -> bytes:
    """Return the event as it stands on the log: UTF-8 JSON, absent optionals left out."""
    return type(event).__pydantic_serializer__.to_json(event, exclude_none=True, by_alias=True)
