"""What the tables of each projection must be, by computations that share nothing with its folds."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

import asyncpg

from tests.oracle import counting, tables, telling
from tests.oracle.expected import Row
from tests.oracle.telling import Telling

Connection: TypeAlias = "asyncpg.Connection[Any]"
Check = Callable[[Telling, Connection], Awaitable[list[str]]]


async def _referral(expected: Telling, connection: Connection) -> list[str]:
    return tables.differences(expected, await tables.kept(connection))


async def _measurement(expected: Telling, connection: Connection) -> list[str]:
    found = counting.differences(expected, await _rows(connection, "figure"))
    return found + await _said_once(expected, connection)


async def _communication(expected: Telling, connection: Connection) -> list[str]:
    found = telling.differences(expected, await _rows(connection, "feed"))
    return found + await _said_once(expected, connection)


async def _said_once(expected: Telling, connection: Connection) -> list[str]:
    """Return where the brief timeline, the refusals or the positions are not what the log makes them."""
    said = {key: (row["record_offset"], row["copies"]) for key, row in expected.timeline.items()}
    rows = await _rows(connection, "timeline")
    known = {
        (row["initiative"], row["record"], row["source"], str(row["id"])): (row["record_offset"], row["copies"])
        for row in rows
    }
    codes = {(row["partition"], row["record_offset"]): row["code"] for row in expected.refusals}
    refused = {(row["partition"], row["record_offset"]): row["code"] for row in await _rows(connection, "refusal")}
    stands = {row["partition"]: row["next_offset"] for row in await _rows(connection, "position")}
    pairs: dict[str, tuple[Mapping[Any, Any], Mapping[Any, Any]]] = {
        "timeline": (known, said),
        "refusal": (refused, codes),
        "position": (stands, expected.ends),
    }
    return [f"{name}: {_apart(found, wanted)}" for name, (found, wanted) in pairs.items() if found != wanted]


def _apart(found: Mapping[Any, Any], wanted: Mapping[Any, Any]) -> list[tuple[Any, Any, Any]]:
    keys = sorted(key for key in found.keys() | wanted.keys() if found.get(key) != wanted.get(key))
    return [(key, found.get(key), wanted.get(key)) for key in keys[:6]]


async def _rows(connection: Connection, table: str) -> list[Row]:
    return [dict(row) for row in await connection.fetch(f"select * from {table}")]  # noqa: S608 - names from above


CHECKS: Mapping[str, Check] = {"referral": _referral, "measurement": _measurement, "communication": _communication}
