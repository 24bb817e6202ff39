"""Loop figures by plain SQL over the raw log, in the shape of those that are read."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from projections.sql import statement
from projections.store.pool import Connection
from services.measurement.asking import Of
from services.measurement.loops import COUNTS, Line
from tests.oracle.reading import Raw, moment

SQL = Path(__file__).parents[2] / "oracle" / "loops.sql"
_SPANS = {"1": "response", "2": "acceptance", "3": "start", "4": "closure"}
_MADE = ("asked", "event", "turn", "offer", "made", "gone", "need", "line")


class LoopOracle:
    """The raw log in a table of its own, beside the timeline that says what of it was applied."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def load(self, records: Iterable[Raw]) -> None:
        """Put every record that is JSON into the table."""
        await self._run("raw")
        rows = [(each.partition, each.offset, moment(each.timestamp), _text(each.value)) for each in records]
        await self._connection.copy_records_to_table("raw", records=rows)

    async def look(self, at: datetime, days: int) -> None:
        """Find everything about offers and needs as it was at this instant."""
        for name in _MADE:
            await self._connection.execute(f"drop table if exists pg_temp.{name}")
        await self._run("asked")
        await self._connection.copy_records_to_table("asked", records=[(at, days)])
        for name in ("event", "turn", "offer", "made", "gone", "need"):
            await self._run(name)

    async def count(self, of: Of, by: Sequence[str]) -> list[Line]:
        """Return the lines of this cut, in no order."""
        await self._line(of)
        names = by or ("whole",)
        query = statement(SQL, "counts").format(by=", ".join(names))
        rows = await self._connection.fetch(query)
        return [_shaped(dict(row), by) for row in rows]

    async def declined(self) -> list[Line]:
        """Return the reasons for declining, by everything."""
        await self._line("offers")
        return [dict(row) for row in await self._connection.fetch(statement(SQL, "declined"))]

    async def outside(self) -> list[Line]:
        """Return what was handed off, by everything."""
        return [dict(row) for row in await self._connection.fetch(statement(SQL, "outside"))]

    async def _line(self, of: Of) -> None:
        await self._connection.execute("drop table if exists pg_temp.line")
        await self._run(f"line_of_{of}")

    async def _run(self, name: str) -> None:
        await self._connection.execute(statement(SQL, name))


def _text(value: bytes | None) -> str:
    assert value is not None
    return value.decode()


def _shaped(row: dict[str, Any], by: Sequence[str]) -> Line:
    spreads = json.loads(row["spreads"])
    found = {name: _spread(spreads.get(number)) for number, name in _SPANS.items()}
    age, hops = spreads.get("5"), spreads["6"]
    return {
        **{name: row[name] for name in by},
        **{name: row[name] for name in COUNTS},
        "seconds": found | {"open": {**_spread(age), "most": age and age[3], "count": row["open"]}},
        "hops": {**_spread(hops), "most": hops[3]},
    }


def _spread(found: list[int] | None) -> Line:
    count, median, ninetieth, _ = found or (0, None, None, None)
    return {"count": count, "median": median, "p90": ninetieth}
