"""What a column can hold, by its PostgreSQL type: known here so that the in-memory store refuses the same."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from projections.projection import Row, Table

#: SQLSTATEs of what a value can be refused for.
UNENCODABLE = "22021"
OUT_OF_RANGE = "22003"
MISSING = "23502"
TAKEN = "23505"

Check = Callable[[str, Any], str | None]
_BITS = {"int2": 15, "int4": 31, "int8": 63}


def refused(table: Table, rows: Sequence[Row]) -> dict[int, str]:
    """Return the places of the rows that PostgreSQL would refuse, each with its SQLSTATE."""
    # Times, ids and the like hold whatever is there, so only these columns are looked at, row by row.
    checks = [(place, kind, _CHECKS[kind]) for place, kind in enumerate(table.columns.values()) if kind in _CHECKS]
    width = len(table.key)
    found = ((place, _refused(row, width, checks)) for place, row in enumerate(rows))
    return {place: code for place, code in found if code is not None}


def _refused(row: Row, width: int, checks: Sequence[tuple[int, str, Check]]) -> str | None:
    if None in row[:width]:
        return MISSING
    for place, kind, check in checks:
        value = row[place]
        code = None if value is None else check(kind, value)
        if code is not None:
            return code
    return None


def _text(_kind: str, value: str) -> str | None:
    if "\x00" in value:
        return UNENCODABLE
    return None if value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value) else UNENCODABLE


def _number(kind: str, value: int) -> str | None:
    return None if -(1 << _BITS[kind]) <= value < 1 << _BITS[kind] else OUT_OF_RANGE


_CHECKS: Mapping[str, Check] = {"text": _text, **dict.fromkeys(_BITS, _number)}
