"""A record's bytes, read without the house's codec."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

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


class Unknown(Exception):
    """A valid event of a type that nobody here knows: a fold must stop before it."""


def moment(milliseconds: int) -> datetime:
    """Return the broker's time in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def read(record: Raw) -> dict[str, Any] | str:
    """Return the event, its type in short, or the reason why there is none.  Raises Unknown."""
    if record.value is None:
        return "empty"
    try:
        text = record.value.decode()
        event = json.loads(text)
        if "\\ud" in text.lower():
            json.dumps(event, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return "not-json"
    return _named(record, event)


def _named(record: Raw, event: Any) -> dict[str, Any] | str:
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
    if record.key != event["partitionkey"].encode():
        return "wrong-key"
    if known is None:
        raise Unknown(name)
    return {**event, "short": short}
