"""Bytes on the log ⇄ events.  Writers forbid unknown fields, readers ignore them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, cast

from pydantic import Field, TypeAdapter, ValidationError

from events.catalogue import TYPES, UNIONS, Event
from events.envelope import PREFIX, Envelope
from events.topics import Topic


@dataclass(frozen=True)
class Unreadable:
    """A record that says nothing the house can judge; `reason` is a code, the body is never quoted."""

    reason: str


class UnknownType(Exception):
    """A valid envelope of a type that this build does not know: a newer writer is ahead of this reader."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class _Typed(Envelope):
    type: str


def _reader(union: Any) -> TypeAdapter[Any]:
    discriminated: Any = Annotated[union, Field(discriminator="type")]
    return TypeAdapter(discriminated)


_READERS: Mapping[Topic, TypeAdapter[Any]] = MappingProxyType(
    {topic: _reader(union) for topic, union in UNIONS.items()}
)


def read(topic: Topic, key: bytes | None, value: bytes | None) -> Event | Unreadable:
    """Return the event in a record of `topic`, or why it cannot be read.

    Raises UnknownType for a type under `org.manyhands.` that this build does not know.
    """
    if value is None:
        return Unreadable("empty")
    try:
        event = cast(Event, _READERS[topic].validate_json(value))
    except ValidationError as error:
        return _why(error, value)
    if key is None or key != event.partitionkey.encode():
        return Unreadable("wrong-key")
    return event


def _why(error: ValidationError, value: bytes) -> Unreadable:
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]["type"]
    if first == "json_invalid":
        return Unreadable("not-json")
    if first != "union_tag_invalid":
        return Unreadable("bad-payload")
    try:
        envelope = _Typed.model_validate_json(value)
    except ValidationError:
        return Unreadable("bad-envelope")
    if envelope.type in TYPES:
        return Unreadable("wrong-topic")
    if envelope.type.startswith(PREFIX):
        raise UnknownType(envelope.type)
    return Unreadable("foreign-type")


def write(event: Envelope) -> bytes:
    """Return the event as it stands on the log: UTF-8 JSON, absent optionals left out."""
    return event.model_dump_json(exclude_none=True, by_alias=True).encode()
