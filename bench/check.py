"""Before a figure is believed: the tables an engine left must say what the log says."""

from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg
import orjson

from bench.workload import Workload


class TablesDiffer(Exception):
    """An engine was fast and wrong: its tables are not what the log amounts to."""


@dataclass(frozen=True)
class Truth:
    """What a log amounts to: each subject's last status and count, counted apart from every engine."""

    last: Mapping[str, tuple[str, int]]
    events: int
    referrals: int


def truth(workload: Workload) -> Truth:
    """Count the log by itself."""
    last: dict[str, tuple[str, int]] = {}
    referrals: set[str] = set()
    for line in workload.lines:
        event = orjson.loads(line.value)
        _, count = last.get(line.subject, ("", 0))
        last[line.subject] = (event["type"], count + 1)
        if ".referral." in event["type"]:
            referrals.add(line.subject)
    return Truth(last, len(workload.lines), len(referrals))


async def same_job(connection: asyncpg.Connection, expected: Truth) -> None:
    """Raise TablesDiffer unless every subject has its last status and count, and the position is the log's end."""
    await counted(connection, expected)
    await _ended(connection, "position", expected.events)


async def counted(connection: asyncpg.Connection, expected: Truth) -> None:
    """Raise TablesDiffer unless every subject has its last status and count: for those who keep no position there."""
    rows = await connection.fetch("select subject, status, events from last_status")
    found = {subject: (status, events) for subject, status, events in rows}
    if found != expected.last:
        raise TablesDiffer(f"{len(found)} of {len(expected.last)} subjects, or their last status or count differs")


async def last_values(connection: asyncpg.Connection, expected: Truth) -> None:
    """Raise TablesDiffer unless every subject has its last status: for those who cannot count."""
    rows = await connection.fetch("select subject, status from last_status")
    found = {subject: status for subject, status in rows}  # noqa: C416 - a row is no pair to a type checker
    if found != {subject: status for subject, (status, _) in expected.last.items()}:
        raise TablesDiffer(f"{len(found)} of {len(expected.last)} subjects, or their last status differs")


async def some_events(connection: asyncpg.Connection, events: int) -> None:
    """Raise TablesDiffer unless at least so many events were counted: an engine that stops early may be ahead."""
    found = await connection.fetchval("select sum(events) from last_status")
    if found is None or found < events:
        raise TablesDiffer(f"{found} events counted, {events} were reported")


async def full_work(connection: asyncpg.Connection, schema: str, expected: Truth) -> None:
    """Raise TablesDiffer unless every event has its timeline row, every referral its state, and none was refused."""
    await connection.execute(f"set search_path to {schema}")
    counted = {
        "timeline": expected.events,
        "referral": expected.referrals,
        "client": len(expected.last) - expected.referrals,
        "refusal": 0,
        "parked": 0,
    }
    for table, wanted in counted.items():
        found = await connection.fetchval(f"select count(*) from {table}")  # noqa: S608 - the names stand above
        if found != wanted:
            raise TablesDiffer(f"{schema}.{table} has {found} rows, not {wanted}")
    await _ended(connection, "position", expected.events)


async def _ended(connection: asyncpg.Connection, table: str, events: int) -> None:
    reached = await connection.fetchval(f"select sum(next_offset) from {table}")  # noqa: S608 - our own names
    if reached != events:
        raise TablesDiffer(f"the positions add up to {reached}, the log to {events}")
