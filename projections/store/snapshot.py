"""A schema as one transaction sees it, read in a stream; two of them on one connection can be compared."""

from collections.abc import AsyncIterator
from typing import Any

from projections.batch import Parked, Waiting
from projections.projection import Identity, Key, Row, Table
from projections.record import Partition, Position
from projections.sql import statement
from projections.store.pool import Connection
from projections.store.schema import FOLDER, quoted

READ = FOLDER / "snapshot.sql"
#: Rows fetched at a time.
STRIDE = 2_000


class Snapshot:
    """Reads within the transaction that the connection is in; REPEATABLE READ makes it one moment."""

    def __init__(self, connection: Connection, schema: str) -> None:
        self._connection = connection
        self._schema = quoted(schema)

    async def vector(self) -> dict[Partition, Position]:
        rows = await self._connection.fetch(self._statement("positions"))
        return {Partition(*row[:2]): Position(*row[2:]) for row in map(tuple, rows)}

    async def stuck(self) -> list[tuple[Partition, Parked]]:
        rows = await self._connection.fetch(self._statement("parked"))
        return [(Partition(row["topic"], row["partition"]), _parked(*tuple(row)[2:])) for row in rows]

    async def rows(self, table: Table) -> AsyncIterator[Row]:
        names = {"columns": ", ".join(table.columns), "key": ", ".join(_sorted(table))}
        query = self._statement("rows", table=table.name, **names)
        async for row in self._connection.cursor(query, prefetch=STRIDE):
            yield tuple(row)

    def _statement(self, name: str, **names: str) -> str:
        return statement(READ, name).format(schema=self._schema, **names)


def _sorted(table: Table) -> list[str]:
    return [f'{name} collate "C"' if table.columns[name] == "text" else name for name in table.key]


def _parked(offset: int, view: str, *rest: Any) -> Parked:
    kind, initiative, record, aggregate, source, id_, digest, error, entry = rest
    identity = Identity(initiative, record, source, id_)
    return Parked(Waiting(view, Key(kind, initiative, record, aggregate)), offset, identity, digest, error, entry)
