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
    "sealed_text": ("initiative", "record", "source", "event", "field"),
    "timeline": ("initiative", "record", "source", "id"),
    "refusal": ("topic", "partition", "record_offset"),
}
#: Columns that are the fold's own affair, or that explain in words.
_UNASKED = {"state"}
_SHOWN = 12


def _plain(name: str, value: Any) -> Any:
    if name == "sealed" and isinstance(value, str):
        return json.loads(value)
    return str(value) if isinstance(value, UUID) else value


def _by_key(table: str, rows: Iterable[Row]) -> dict[tuple[Any, ...], Row]:
    return {tuple(row[name] for name in KEYS[table]): row for row in rows}


async def differences(connection: "asyncpg.Connection[Any]", expected: Expected) -> list[str]:
    """Return what the tables on the connection's search path say otherwise than expected, in a few lines."""
    found: list[str] = []
    for table, rows in expected.tables().items():
        kept = [
            {name: _plain(name, value) for name, value in row.items() if name not in _UNASKED}
            for row in await connection.fetch(f"select * from {table}")  # noqa: S608 (a name from the list above)
        ]
        found += _compared(table, _by_key(table, kept), _by_key(table, rows))
    stands = {row[0]: row[1] for row in await connection.fetch("select partition, next_offset from position")}
    ends = {partition: end for partition, end in expected.ends.items() if stands.get(partition) != end}
    found += [f"position: {partition} is not at {end} but {stands.get(partition)}" for partition, end in ends.items()]
    return found


def _compared(table: str, kept: dict[tuple[Any, ...], Row], wanted: dict[tuple[Any, ...], Row]) -> list[str]:
    missing, surplus = wanted.keys() - kept.keys(), kept.keys() - wanted.keys()
    found = [f"{table}: {len(missing)} rows missing, {len(surplus)} too many"] if missing or surplus else []
    for key in wanted.keys() & kept.keys():
        row = wanted[key]
        wrong = {name: (kept[key].get(name), value) for name, value in row.items() if kept[key].get(name) != value}
        if wrong:
            found.append(f"{table} {key}: {wrong}")
    return found[:_SHOWN]
