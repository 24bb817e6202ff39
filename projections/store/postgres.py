"""The store in PostgreSQL: a few statements a batch, whatever its size, in one transaction."""

from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import groupby
from operator import attrgetter

from projections.batch import Fenced, Folded, Parked, Repeated, RowRefused, Seen, Waiting, behind
from projections.projection import Identity, Key, Projection, Row, State, Table
from projections.record import Partition, Position
from projections.refusal import REFUSAL, refusal_row
from projections.sql import statement
from projections.store.outage import outages
from projections.store.pool import Connection, Pool
from projections.store.schema import FOLDER, quoted
from projections.store.writer import ROWS, Unstorable, Writer
from projections.tables import tables_of
from projections.timeline import TIMELINE

POSITION = FOLDER / "position.sql"
PARKED = FOLDER / "parked.sql"
#: How long a batch waits for a connection, in seconds, before the database counts as away.
PATIENCE = 30


class PostgresStore:
    """One build's schema of one projection."""

    #: Moves a partition from where the batch starts, or changes nothing.
    advance = statement(POSITION, "advance")

    def __init__(self, pool: Pool, projection: Projection, schema: str) -> None:
        self._pool = pool
        self._kinds = projection.kinds
        tables = {table.name: table for table in tables_of(projection)}
        self._timeline = tables.get("timeline")
        self._erasing = [_erasing(table) for table in tables.values() if table.erasable is not None]
        self._writers = {name: Writer(table, schema) for name, table in tables.items()}
        sources = [statement(PARKED, "seen"), *([statement(TIMELINE.sql, "seen")] if self._timeline else [])]
        self._seen = "\nunion all\n".join(sources)
        self._begin = statement(ROWS, "begin").format(schema=quoted(schema))

    async def positions(self, partitions: Sequence[Partition]) -> dict[Partition, Position]:
        async with self._transaction() as connection:
            rows = await connection.fetch(statement(POSITION, "find"), *_columns(partitions, 2))
        found = {Partition(*row[:2]): Position(*row[2:]) for row in map(tuple, rows)}
        return {partition: found.get(partition, Position()) for partition in partitions}

    async def load(self, keys: Collection[Key]) -> dict[Key, State]:
        found: dict[Key, State] = {}
        async with self._transaction() as connection:
            for name, group in groupby(sorted(keys), key=attrgetter("kind")):
                kind = self._kinds[name]
                wanted = _columns([key[1:] for key in group], 3)
                for row in await connection.fetch(_loading(kind.table), *wanted):
                    found[Key(name, *row[:3])] = kind.decode(row[3])
        return found

    async def seen(self, identities: Collection[Identity]) -> dict[Identity, Seen]:
        if not identities:
            return {}
        wanted = _columns(identities, 4)
        async with self._transaction() as connection:
            rows = await connection.fetch(self._seen, *wanted)
        return {Identity(*row[:4]): Seen(*row[4:]) for row in map(tuple, rows)}

    async def waiting(self, partition: Partition) -> set[Waiting]:
        async with self._transaction() as connection:
            rows = await connection.fetch(statement(PARKED, "waiting"), *partition)
        return {Waiting(view, Key(*key)) for view, *key in map(tuple, rows)}

    async def commit(self, folded: Folded) -> None:
        try:
            async with self._transaction(self._staging(folded.rows)) as connection:
                await self._move(connection, folded)
                await self._write(connection, folded)
        except Unstorable as failure:
            if failure.taken and failure.table == "timeline":
                raise Repeated from None
            raise RowRefused(failure.table, await self._refused(failure.table, folded.rows[failure.table])) from None

    def _staging(self, tables: Iterable[str]) -> str:
        return "\n".join([self._begin, *(self._writers[name].stage for name in tables)])

    async def _move(self, connection: Connection, folded: Folded) -> None:
        to = folded.position
        moved = await connection.execute(
            self.advance, *folded.partition, folded.start, to.next_offset, to.clock, to.last_hash, to.rule
        )
        if not moved.endswith(" 1"):
            raise Fenced

    async def _write(self, connection: Connection, folded: Folded) -> None:
        if folded.erased:
            for erasing in self._erasing:
                await connection.execute(erasing, *_columns(folded.erased, 2))
        for name, rows in folded.rows.items():
            await self._writers[name].write(connection, rows)
        await _copy(connection, REFUSAL.name, (refusal_row(folded.partition, item) for item in folded.refusals))
        await self._check_waiting(connection, folded)
        await _copy(connection, "parked", (_parked(folded.partition, item) for item in folded.parked))
        if folded.copies:
            await self._count(connection, folded)

    async def _check_waiting(self, connection: Connection, folded: Folded) -> None:
        """Raise Fenced when an entry is to wait behind others that were released since the partition was opened."""
        waits = behind(folded.parked)
        if waits:
            rows = await connection.fetch(statement(PARKED, "waiting"), *folded.partition)
            if waits - {Waiting(view, Key(*key)) for view, *key in map(tuple, rows)}:
                raise Fenced

    async def _count(self, connection: Connection, folded: Folded) -> None:
        again = _columns(((*identity, count) for identity, count in folded.copies.items()), 5)
        await connection.execute(statement(PARKED, "copied"), *again)
        if self._timeline:
            await connection.execute(statement(TIMELINE.sql, "copied"), *again)

    async def _refused(self, table: str, rows: Sequence[Row]) -> dict[int, str]:
        """Find the refused rows in a transaction that leaves nothing behind."""
        async with self._transaction(self._staging([table]), keep=False) as connection:
            return await self._writers[table].refused(connection, rows)

    @asynccontextmanager
    async def _transaction(self, begin: str | None = None, *, keep: bool = True) -> AsyncIterator[Connection]:
        with outages():
            async with self._pool.acquire(timeout=PATIENCE) as connection:
                done = False
                try:
                    await connection.execute(begin or self._begin)
                    yield connection
                    done = keep
                finally:
                    await connection.execute("commit" if done else "rollback")


def _columns(rows: Iterable[Row], width: int) -> list[str]:
    """Return the rows turned on their side, a text of lines for each column.

    The driver encodes one text eight times as fast as an array; no id, slug or code holds a line break.
    """
    return ["\n".join(map(str, column)) for column in zip(*rows, strict=True)] or [""] * width


def _loading(table: Table) -> str:
    columns = table.columns
    return statement(ROWS, "load").format(table=table.name, record=columns["record"], id=columns["id"])


def _erasing(table: Table) -> str:
    gone = ["erased = true", *(f"{name} = null" for name in table.erasable or ()), *_ending(table)]
    return statement(ROWS, "erase").format(
        table=table.name, assignments=", ".join(gone), record=table.columns["record"]
    )


def _ending(table: Table) -> Iterator[str]:
    """Yield the assignments that end what the erasure ends; all of them look at the row as it was."""
    if table.ending is not None:
        held = f"t.{table.ending.column} = {_literal(table.ending.held)}"
        for name, value in table.ending.becomes.items():
            yield f"{name} = case when {held} then {_literal(value)} else t.{name} end"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


async def _copy(connection: Connection, table: str, rows: Iterable[Row]) -> None:
    records = list(rows)
    if records:
        await connection.copy_records_to_table(table, records=records)


def _parked(partition: Partition, item: Parked) -> Row:
    key, identity = item.waiting.key, item.identity
    where = (*partition, item.offset, item.waiting.view)
    return (*where, *key, identity.source, identity.id, item.digest, item.error, item.entry, 0)
