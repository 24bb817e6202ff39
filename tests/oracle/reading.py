"""A record's bytes, read without the house's codec."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from tests.oracle.placing import place
from tests.oracle.shapes import ENVELOPE, PREFIX, SHAPES, fits

#: Families that stand on another topic.
_ELSEWHERE = ("initiative", "partner", "disclosure", "admission")


@dataclass(frozen=True)
class Raw:
    """A record as it stands on the log; `timestamp` is the broker's, in milliseconds."""

    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


class Unknown(Exception):
    """A valid event of a type that nobody here knows: a fold must stop before it."""


def print_of(record: Raw) -> bytes:
    """Return the SHA-256 of the record: when and where it stands, and each part with its length before it."""
    text = record.offset.to_bytes(8, "big") + record.timestamp.to_bytes(8, "big", signed=True)
    for part in (record.key, record.value):
        text += b"\xff" * 4 if part is None else len(part).to_bytes(4, "big") + part
    for name, value in sorted(record.headers):
        text += len(name).to_bytes(4, "big") + name.encode() + len(value).to_bytes(4, "big") + value
    return sha256(text).digest()


def moment(milliseconds: int) -> datetime:
    """Return the broker's time in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def read(record: Raw, partitions: int) -> dict[str, Any] | str:
    """Return the event, its type in short, or the reason why there is none.  Raises Unknown.

    The log has so many partitions.
    """
    if record.value is None:
        return "empty"
    try:
        text = record.value.decode()
        event = json.loads(text)
        if "\\ud" in text.lower():
            json.dumps(event, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return "not-json"
    return _named(record, event, partitions)


def _named(record: Raw, event: Any, partitions: int) -> dict[str, Any] | str:
    name = event.get("type") if isinstance(event, dict) else None
    if not isinstance(name, str):
        return "bad-envelope"
    if not name.startswith(PREFIX):
        return "foreign-type"
    short = name.removeprefix(PREFIX).removesuffix(".v1")
    if short.split(".")[0] in _ELSEWHERE:
        return "wrong-topic"
    known = SHAPES.get(short)
    if not fits(event, ENVELOPE) or not fits(event, known or {}):
        return "bad-payload" if known is not None else "bad-envelope"
    key = event["partitionkey"].encode()
    if record.key != key:
        return "wrong-key"
    if record.partition != place(key, partitions):
        return "wrong-partition"
    if known is None:
        raise Unknown(name)
    return {**event, "short": short}
