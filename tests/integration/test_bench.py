"""What is measured is believed only after its tables were compared: a wrong table has to be found out."""

import asyncpg
import pytest

from bench import check
from bench.check import TablesDiffer, Truth

TRUTH = Truth({"a": ("made", 1), "b": ("closed", 2)}, 3, 0)


async def _table(database: str, rows: list[tuple[str, str, int]]) -> asyncpg.Connection:
    connection = await asyncpg.connect(database)
    await connection.execute("create temporary table last_status (subject text, status text, events integer)")
    await connection.executemany("insert into last_status values ($1, $2, $3)", rows)
    return connection


async def test_peers_are_checked_for_what_they_promise(database: str) -> None:
    connection = await _table(database, [("a", "made", 1), ("b", "closed", 2)])
    await check.counted(connection, TRUTH)
    await check.last_values(connection, TRUTH)
    await connection.close()


async def test_a_count_too_many_is_found_out_and_no_last_value(database: str) -> None:
    connection = await _table(database, [("a", "made", 1), ("b", "closed", 3)])
    with pytest.raises(TablesDiffer):
        await check.counted(connection, TRUTH)
    await check.last_values(connection, TRUTH)
    await connection.close()


@pytest.mark.parametrize("rows", [[("a", "made", 1), ("b", "made", 2)], [("a", "made", 1)]])
async def test_an_old_value_and_a_missing_one_are_found_out(database: str, rows: list[tuple[str, str, int]]) -> None:
    connection = await _table(database, rows)
    with pytest.raises(TablesDiffer):
        await check.last_values(connection, TRUTH)
    with pytest.raises(TablesDiffer):
        await check.counted(connection, TRUTH)
    await connection.close()
