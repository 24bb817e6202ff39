"""What batches are made of that the contract gives to stores, and a look at what they hold."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta, timezone
from typing import Any

from projections.batch import Folded, Parked, Refusal, Store, Waiting
from projections.dump import Source
from projections.projection import Identity, Key, Row, Table
from projections.record import Partition, Position
from projections.refusal import REFUSAL
from projections.tables import tables_of
from tests.support.events import NOON, ident, partner
from tests.support.toy import TOY

CASES = Partition("manyhands.cases", 3)
OTHER = Partition("manyhands.cases", 4)
WHO = Identity("riverbend", ident("ada"), partner("clinic"), ident("said"))
TABLES = {table.name: table for table in (*tables_of(TOY), REFUSAL)}
#: What the dump's line of `told()` ends with: times in UTC, whatever offset they were given with.
TIMELINE_ENDS = [
    '"2026-03-02T12:00:00Z"',
    '"2026-03-02T12:00:00Z"',
    "null",
    f'"{ident("o")}"',
    '"applied"',
    "null",
    "null",
    "false",
    "0]\n",
]
AWKWARD = 'O\'Brien \\N \\ "q"\t\n, {x} ✓ 家 \U0001f3e0 %s $1 --'


@dataclass(frozen=True)
class Held:
    """A store under test, a second one over the same rows, and a look at what is in them."""

    store: Store
    twin: Store
    source: Callable[[], AbstractAsyncContextManager[Source]]

    async def rows(self, name: str) -> list[Row]:
        async with self.source() as source:
            return [_plain(TABLES[name], row) async for row in source.rows(TABLES[name])]


def _plain(table: Table, row: Row) -> Row:
    kinds = table.columns.values()
    return tuple(str(value) if kind == "uuid" and value else value for kind, value in zip(kinds, row, strict=True))


def moved(start: int, stop: int, partition: Partition = CASES, **parts: Any) -> Folded:
    """Return a batch over [start, stop) with these parts."""
    return Folded(partition, start, Position(stop, 1_000 + stop, b"h" * 32, 7), **parts)


def key(name: str, kind: str = "client") -> Key:
    return Key(kind, "riverbend", ident("ada"), ident(name))


def counted(name: str, count: int, note: str | None = "note", *, erased: bool = False) -> Row:
    """Return a row of the toy's table of clients."""
    state = f'{{"count":{count},"last":"","referrals":[]}}'
    return (*key(name)[1:], state, count, "", note, erased)


def mentioned(name: str, times: int, reused: int = 0) -> Row:
    """Return a row of the toy's table of sums."""
    return ("riverbend", name, CASES.number, times, reused)


def told(id_: str = WHO.id, offset: int = 1, copies: int = 0) -> Row:
    """Return a row of the timeline."""
    where = (*CASES, offset)
    times = (NOON.astimezone(timezone(timedelta(hours=2))), NOON)
    said = (*where, ident("r"), "referral.requested", *times)
    return (*WHO[:3], id_, b"d" * 32, *said, None, ident("o"), "applied", None, None, False, copies)


def parked(view: str = "timeline", offset: int = 1, id_: str = WHO.id, error: str | None = "ValueError") -> Parked:
    return Parked(Waiting(view, key("r", "referral")), offset, WHO._replace(id=id_), b"d" * 32, error, '{"x":1}')


def refusal(offset: int, code: str = "not-permitted") -> Refusal:
    return Refusal(offset, code, AWKWARD, 1_772_452_800_123, WHO, "org.manyhands.x.y.v1", "subject", None)
