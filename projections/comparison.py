"""Two dumps held against each other in one pass: equal byte for byte, or which rows differ.

Both sides are read in the order of their keys and walked side by side, so memory is bounded whatever they hold.
"""

from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain

from projections.dump import Content, Dump, Left, Source, differences, dumped, entries, heading, left_out
from projections.projection import Projection, Row, Table

#: Differing rows of one table that are kept; the others are counted.
MOST = 20
#: Rows between two reports of progress.
STRIDE = 5_000


@dataclass(frozen=True, slots=True)
class Difference:
    """One key of a table whose rows differ; None where a side has no such row."""

    table: Table
    key: Row
    one: Row | None
    other: Row | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both dumps, the first differing rows of each table, and how many there are by table."""

    one: Dump
    other: Dump
    rows: tuple[Difference, ...]
    counts: dict[str, int]

    @property
    def differences(self) -> list[str]:
        """Name the tables and partitions that differ; none when both sides are equal."""
        return differences(self.one, self.other)


def _ignored(_: int) -> None:
    return None


async def compare(
    one: Source, other: Source, projection: Projection, most: int = MOST, report: Callable[[int], None] = _ignored
) -> Comparison:
    """Compare two sources without what is parked in either; `report` is told of rows as they are read."""
    left = left_out(chain(await one.stuck(), await other.stuck()))
    walks = [_Walk(table, most, report) for table in dumped(projection)]
    for walk in walks:
        await walk.run(one, other, left)
    return Comparison(
        Dump({walk.table.name: walk.one.content for walk in walks}, await one.vector(), left),
        Dump({walk.table.name: walk.other.content for walk in walks}, await other.vector(), left),
        tuple(found for walk in walks for found in walk.found),
        {walk.table.name: walk.count for walk in walks if walk.count},
    )


class _Side:
    """One side of a table: the row it stands at, and what was passed until now."""

    def __init__(self, table: Table, source: Source, left: Collection[Left]) -> None:
        self._entries: AsyncIterator[tuple[Row, bytes]] = entries(source, table, left)
        self._width = len(table.key)
        self._digest = sha256(heading(table))
        self._rows = 0
        self.row: Row | None = None
        self.line = b""
        self.key: Row = ()

    @property
    def content(self) -> Content:
        return Content(self._rows, self._digest.hexdigest())

    async def begin(self) -> None:
        """Stand at the first row."""
        self._stand(await anext(self._entries, None))

    async def step(self) -> None:
        """Take the row into the hash and stand at the next one."""
        self._rows += 1
        self._digest.update(self.line)
        self._stand(await anext(self._entries, None))

    def _stand(self, entry: tuple[Row, bytes] | None) -> None:
        self.row, self.line = entry or (None, b"")
        self.key = tuple(_ordered(value) for value in (self.row or ())[: self._width])


def _ordered(value: object) -> object:
    """A UUID sorts as its text does, whichever of the two a store hands out."""
    return value if isinstance(value, int) else str(value)


@dataclass
class _Walk:
    """Both sides of one table, key by key."""

    table: Table
    most: int
    report: Callable[[int], None]
    found: list[Difference] = field(default_factory=list)
    count: int = 0
    one: _Side = field(init=False)
    other: _Side = field(init=False)

    async def run(self, one: Source, other: Source, left: Collection[Left]) -> None:
        self.one, self.other = _Side(self.table, one, left), _Side(self.table, other, left)
        await self.one.begin()
        await self.other.begin()
        passed = 0
        while self.one.row is not None or self.other.row is not None:
            await self._step()
            passed += 1
            if passed % STRIDE == 0:
                self.report(STRIDE)
        self.report(passed % STRIDE)

    async def _step(self) -> None:
        """Pass the smaller key, on both sides where they have it."""
        only_one, only_other = self._missing(self.other, self.one), self._missing(self.one, self.other)
        if only_one or only_other or self.one.line != self.other.line:
            self._note(None if only_other else self.one.row, None if only_one else self.other.row)
        if not only_other:
            await self.one.step()
        if not only_one:
            await self.other.step()

    def _missing(self, side: _Side, than: _Side) -> bool:
        """Say whether `side` has no row for the key that `than` stands at."""
        return than.row is not None and (side.row is None or than.key < side.key)

    def _note(self, one: Row | None, other: Row | None) -> None:
        self.count += 1
        if len(self.found) < self.most:
            key = (one or other or ())[: len(self.table.key)]
            self.found.append(Difference(self.table, key, one, other))
