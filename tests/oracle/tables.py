"""The tables as PostgreSQL has them, beside the expected ones."""

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import asyncpg

from tests.oracle.expected import Expected, Row

KEYS = {
    "client": ("initiative", "record", "id"),
    "referral": ("initiative", "record", "id"),
    "asked": ("initiative", "record", "referral", "offer"),
    "episode": ("initiative", "record", "id"),
    "sealed_text": ("initiative", "record", "source", "event", "field"),
    "said": ("initiative", "record", "source", "event"),
    "timeline": ("initiative", "record", "source", "id"),
    "refusal": ("topic", "partition", "record_offset"),
}
_SHOWN = 12


def _plain(name: str, value: Any) -> Any:
    if name in ("sealed", "words") and isinstance(value, str):
        return json.loads(value)
    return str(value) if isinstance(value, UUID) else value


def _by_key(table: str, rows: Iterable[Row]) -> dict[tuple[Any, ...], Row]:
    return {tuple(row[name] for name in KEYS[table]): row for row in rows}


async def kept(connection: "asyncpg.Connection[Any]") -> dict[str, list[Row]]:
    """Return every row of the tables on the connection's search path, and the positions."""
    return {
        table: [dict(row) for row in await connection.fetch(f"select * from {table}")]  # noqa: S608 - names from above
        for table in (*KEYS, "position")
    }


def differences(expected: Expected, tables: dict[str, list[Row]]) -> list[str]:
    """Return what the tables say otherwise than expected, a few lines for each."""
    found = _positions(expected.ends, {row["partition"]: row["next_offset"] for row in tables["position"]})
    for table, rows in expected.tables().items():
        plain = [{name: _plain(name, value) for name, value in row.items()} for row in tables[table]]
        found += _compared(table, _by_key(table, plain), _by_key(table, rows))
    return found


def _positions(ends: dict[int, int], stands: dict[int, int]) -> list[str]:
    return [
        f"position: {number} is at {stands.get(number)}, not {end}"
        for number, end in ends.items()
        if end != stands.get(number)
    ]


def _compared(table: str, kept: dict[tuple[Any, ...], Row], wanted: dict[tuple[Any, ...], Row]) -> list[str]:
    missing, surplus = wanted.keys() - kept.keys(), kept.keys() - wanted.keys()
    found = [f"{table}: {len(missing)} rows missing, {len(surplus)} too many"] if missing or surplus else []
    for key in wanted.keys() & kept.keys():
        row = wanted[key]
        wrong = {name: (kept[key].get(name), value) for name, value in row.items() if kept[key].get(name) != value}
        if wrong:
            found.append(f"{table} {key}: {wrong}")
    return found[:_SHOWN]
