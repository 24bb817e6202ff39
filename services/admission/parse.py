"""Bytes from a caller → what it says, or why it says nothing."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from pydantic import ValidationError

from events.catalogue import NAMES
from events.door import SAID, Said
from services.admission import faults, scan
from services.admission.problem import Problem, TurnedAway


class Parsed(NamedTuple):
    """A row that its type's schema accepts: full type name, attributes as a model, `data` as it was said.

    `data` is this row's own and is turned into what will stand on the log, place by place.
    """

    type: str
    said: Said
    data: dict[str, Any]
    #: When it happened, in UTC.
    time: datetime


def parse(row: bytes) -> Parsed | Problem:
    """Return what the row says, or the first problem found in it; never raises."""
    try:
        return _parse(row)
    except TurnedAway as away:
        return away.problem


def _parse(row: bytes) -> Parsed:
    raw = scan.load(row)
    full = _type(raw)
    data: Any = raw.get("data")
    if isinstance(data, dict) and "admitted" in data:
        raise TurnedAway("reserved-field", "/data/admitted")
    if b"null" in row and isinstance(data, dict):
        data = _without_nulls(data)
    model = SAID[full]
    try:
        said = model.model_validate_json(row, extra="forbid")
    except ValidationError as error:
        found = faults.problem(model, raw, error)
        raise TurnedAway(found.code, found.pointer, found.detail) from None
    return Parsed(full, said, data, said.time.astimezone(UTC))


def _type(raw: dict[str, Any]) -> str:
    name = raw.get("type")
    if name is None:
        raise TurnedAway("missing-field", "/type")
    if not isinstance(name, str):
        raise TurnedAway("invalid-value", "/type")
    full = NAMES.get(name)
    if full is None:
        raise TurnedAway("unknown-type", "/type")
    return full


def _without_nulls(value: Any) -> Any:
    """Leave out what is given as null: an absent optional and a null say the same."""
    if isinstance(value, dict):
        return {key: _without_nulls(part) for key, part in value.items() if part is not None}
    if isinstance(value, list):
        return [_without_nulls(part) for part in value]
    return value
