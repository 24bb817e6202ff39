"""The canonical dump: what a projection amounts to, in bytes that depend on the log alone.

Each table is dumped in the order of its key, a row a line of JSON; whatever the batch sizes, the workers
and the store, the same log up to the same vector gives the same bytes.
"""

from collections.abc import AsyncIterator, Collection, Iterable
from dataclasses import dataclass
from datetime import UTC
from hashlib import sha256
from typing import NamedTuple, Protocol

import msgspec

from projections.batch import Parked
from projections.projection import Projection, Row, Table
from projections.record import Partition, Position
from projections.refusal import REFUSAL
from projections.tables import tables_of

_encode = msgspec.json.Encoder(order="deterministic").encode


class Left(NamedTuple):
    """What a dump leaves out: a view's rows of one record key, while an entry of it is parked."""

    view: str
    initiative: str
    record: str


class Content(NamedTuple):
    """How many rows a table holds, and the SHA-256 of their lines after a line that names the columns."""

    rows: int
    sha256: str


@dataclass(frozen=True)
class Dump:
    """The content of every table, where each partition stands, and what was left out."""

    tables: dict[str, Content]
    vector: dict[Partition, Position]
    left: frozenset[Left]


class Source(Protocol):
    """What a store shows of itself, all of one moment."""

    async def vector(self) -> dict[Partition, Position]:
        """Return every partition's position."""
        ...

    async def stuck(self) -> list[tuple[Partition, Parked]]:
        """Return every parked entry, by partition and offset."""
        ...

    def rows(self, table: Table) -> AsyncIterator[Row]:
        """Give the table's rows in the order of their key; text sorts by code point."""
        ...


def dumped(projection: Projection) -> list[Table]:
    """Return the tables that a dump of the projection covers, by name."""
    return sorted([*tables_of(projection), REFUSAL], key=lambda table: table.name)


def heading(table: Table) -> bytes:
    """Return the line that a table's dump begins with: its columns."""
    return _encode([[name, kind] for name, kind in table.columns.items()]) + b"\n"


async def entries(source: Source, table: Table, left: Collection[Left] = ()) -> AsyncIterator[tuple[Row, bytes]]:
    """Give the table's rows in the order of their key, each with its line.

    A table whose rows belong to no one record key, such as one of sums, is left out whole.
    """
    if not table.of_records and any(item.view == table.name for item in left):
        return
    times = [index for index, kind in enumerate(table.columns.values()) if kind == "timestamptz"]
    without = {item[1:] for item in left if item.view == table.name}
    async for row in source.rows(table):
        if row[:2] not in without:
            yield row, _encode(_in_utc(row, times)) + b"\n"


async def lines(source: Source, table: Table, left: Collection[Left] = ()) -> AsyncIterator[bytes]:
    """Give the table as lines: its columns first, then its rows."""
    yield heading(table)
    async for _, line in entries(source, table, left):
        yield line


async def dump(source: Source, projection: Projection, left: Collection[Left] = ()) -> Dump:
    """Dump what the source holds, without what is parked there and without `left`."""
    without = frozenset(left) | left_out(await source.stuck())
    tables = {table.name: await _content(lines(source, table, without)) for table in dumped(projection)}
    return Dump(tables, await source.vector(), without)


async def compared(one: Source, other: Source, projection: Projection) -> tuple[Dump, Dump]:
    """Dump both without what is parked in either, so that the two can be held against each other."""
    left = left_out(await one.stuck()) | left_out(await other.stuck())
    return await dump(one, projection, left), await dump(other, projection, left)


def differences(one: Dump, other: Dump) -> list[str]:
    """Name the tables and partitions in which two dumps differ; none for equal ones.

    The number of the highest rule is the build's and is not compared.
    """
    tables = sorted(name for name in one.tables.keys() | other.tables if one.tables.get(name) != other.tables.get(name))
    stands, others = _stands(one), _stands(other)
    partitions = sorted(name for name in stands.keys() | others if stands.get(name) != others.get(name))
    return [*(f"table {name}" for name in tables), *(f"partition {topic}-{number}" for topic, number in partitions)]


def _stands(of: Dump) -> dict[Partition, tuple[int, int, bytes | None]]:
    return {name: (at.next_offset, at.clock, at.last_hash) for name, at in of.vector.items()}


def left_out(stuck: Iterable[tuple[Partition, Parked]]) -> frozenset[Left]:
    """Return what a dump leaves out for these parked entries."""
    spots = (entry.waiting for _, entry in stuck)
    return frozenset(Left(spot.view, spot.key.initiative, spot.key.record) for spot in spots)


async def _content(of: AsyncIterator[bytes]) -> Content:
    digest, count = sha256(), -1
    async for line in of:
        digest.update(line)
        count += 1
    return Content(count, digest.hexdigest())


def _in_utc(row: Row, times: Iterable[int]) -> list[object]:
    values = list(row)
    for index in times:
        if values[index] is not None:
            values[index] = values[index].astimezone(UTC)
    return values
