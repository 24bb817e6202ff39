"""The schema `keep`: saved as of one moment, and loaded into an empty database of any server."""

import shutil
import tempfile
from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter
from hashlib import sha256
from pathlib import Path
from typing import Any

from projections.sql import statement
from projections.store.pool import Connection
from projections.store.schema import quoted
from services.ops.backup.errors import PlaceTaken
from services.ops.backup.manifest import Keep, Table
from services.ops.backup.pieces import measure
from services.runtime.store import KEEP, KeepNewer, MigrationChanged, Pool, connect, migrate

SQL = Path(__file__).with_name("keep.sql")
#: What was decided about inboxes is saved before the log: a decision that is saved as published stands in the copy
#: of the log, and one made later is made again, with the same id.  Everybody and their keys are saved after it.
FIRST = ("inbox", "decision")
#: Made anew: the shape by migrations, and which build is served by the first processor that runs.  Whoever was signed
#: in, or on the way to it, signs in again: what ended after the backup would otherwise be in force once more.
NOT_KEPT = ("migration", "active", "session", "link", "handshake", "ticket", "submission")
PATIENCE = 24 * 3600.0


async def save(pool: Pool, folder: Path, number: int, first: bool) -> dict[str, Table]:
    """Write the tables that are saved first, or the others, as of one moment."""
    (folder / f"keep/{number:06}").mkdir(mode=0o700, parents=True, exist_ok=True)
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        found = await connection.fetch(statement(SQL, "tables"))
        wanted = [row for row in found if row["name"] not in NOT_KEPT and (row["name"] in FIRST) == first]
        return {row["name"]: await _saved(connection, folder, number, dict(row)) for row in wanted}


async def described(pool: Pool) -> tuple[dict[int, str], int | None]:
    """Return the migrations that were applied, and the epoch in use."""
    async with pool.acquire() as connection:
        applied = {row["number"]: row["sha256"] for row in await connection.fetch(statement(SQL, "migrations"))}
        return applied, await connection.fetchval(statement(SQL, "epoch"))


async def _saved(connection: Connection, folder: Path, number: int, row: Mapping[str, Any]) -> Table:
    path, columns = f"keep/{number:06}/{row['name']}.csv", list(row["columns"])
    (folder / path).touch(mode=0o600)
    status = await connection.copy_from_table(
        row["name"],
        schema_name="keep",
        output=folder / path,
        columns=columns,
        format="csv",
        header=True,
        timeout=PATIENCE,
    )
    return Table(columns, int(status.split()[-1]), measure(folder, path))


async def load(uri: str, folder: Path, keep: Keep) -> None:
    """Make `keep` in an empty database as it was; all of it, or nothing.

    Raises PlaceTaken when there is a `keep`, KeepNewer and MigrationChanged when this build does not know its shape.
    """
    _known(keep.migrations)
    async with await connect(uri, application="manyhands restore", size=1, patience=PATIENCE) as pool:
        if await there(pool):
            raise PlaceTaken("the database has a schema keep")
        whole = False
        try:
            await _shape(pool, keep.migrations)
            await _fill(pool, folder, keep)
            whole = True
        finally:
            if not whole:
                async with pool.acquire() as connection:
                    await connection.execute(statement(SQL, "drop"))
        await migrate(pool)


async def there(pool: Pool) -> bool:
    """Say whether the database has a `keep`."""
    async with pool.acquire() as connection:
        return bool(await connection.fetchval(statement(SQL, "there")))


def _known(migrations: Mapping[int, str]) -> None:
    for number, checksum in migrations.items():
        file = next(iter(KEEP.glob(f"{number:04}_*.sql")), None)
        if file is None:
            raise KeepNewer(f"migration {number:04} is not part of this build")
        if sha256(file.read_bytes()).hexdigest() != checksum:
            raise MigrationChanged(f"migration {file.stem} differs from the one applied")


async def _shape(pool: Pool, migrations: Iterable[int]) -> None:
    """Apply the migrations that the saved database had, and no later ones: its rows have their shape."""
    with tempfile.TemporaryDirectory() as chosen:
        for number in migrations:
            for file in KEEP.glob(f"{number:04}_*.sql"):
                shutil.copy(file, chosen)
        await migrate(pool, Path(chosen))


async def _fill(pool: Pool, folder: Path, keep: Keep) -> None:
    async with pool.acquire() as connection, connection.transaction():
        found = {row["name"]: set(row["before"]) for row in await connection.fetch(statement(SQL, "tables"))}
        emptied = ", ".join(f"keep.{quoted(name)}" for name in keep.tables)
        await connection.execute(statement(SQL, "clear").format(tables=emptied))
        for name in TopologicalSorter(found).static_order():
            if name in keep.tables and name not in NOT_KEPT:
                await _loaded(connection, folder, name, keep.tables[name])
        for row in await connection.fetch(statement(SQL, "sequences")):
            names = {part: quoted(row[part]) for part in ("sequence", "column", "table")}
            await connection.execute(statement(SQL, "count_on").format(**names))


async def _loaded(connection: Connection, folder: Path, name: str, table: Table) -> None:
    await connection.copy_to_table(
        name,
        schema_name="keep",
        source=folder / table.piece.path,
        columns=table.columns,
        format="csv",
        header=True,
        timeout=PATIENCE,
    )
