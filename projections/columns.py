"""What a column can hold, by its PostgreSQL type: known here so that the in-memory store refuses the same."""

from collections.abc import Callable, Mapping
from typing import Any

from projections.projection import Row, Table

#: SQLSTATEs of what a value can be refused for.
UNENCODABLE = "22021"
OUT_OF_RANGE = "22003"
MISSING = "23502"
TAKEN = "23505"

_BITS = {"int2": 15, "int4": 31, "int8": 63}


def refused(table: Table, row: Row) -> str | None:
    """Return the SQLSTATE for which PostgreSQL would refuse the row, or None when it can be held."""
    for index, (kind, value) in enumerate(zip(table.columns.values(), row, strict=True)):
        if value is None:
            if index < len(table.key):
                return MISSING
            continue
        code = _CHECKS.get(kind, _held)(kind, value)
        if code:
            return code
    return None


def _held(_kind: str, _value: Any) -> str | None:
    return None


def _text(_kind: str, value: str) -> str | None:
    if "\x00" in value:
        return UNENCODABLE
    return None if value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value) else UNENCODABLE


def _number(kind: str, value: int) -> str | None:
    return None if -(1 << _BITS[kind]) <= value < 1 << _BITS[kind] else OUT_OF_RANGE


_CHECKS: Mapping[str, Callable[[str, Any], str | None]] = {"text": _text, **dict.fromkeys(_BITS, _number)}
