"""Connections to PostgreSQL, and the numbered migrations of `keep`: what no rebuild can make again."""

from collections.abc import Callable, Coroutine, Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg

from projections.sql import statement
from services.runtime.errors import Fault

Pool = asyncpg.Pool
Prepare = Callable[[Any], Coroutine[Any, Any, None]]
#: Files NNNN_<name>.sql, applied in order.
KEEP = Path(__file__).with_name("keep")
SQL = Path(__file__).with_name("keep.sql")
#: One number for the whole house: whoever migrates `keep` holds this advisory lock.
MIGRATING = 0x6D616E79
#: A stopped process must not hold rows or locks for longer than this.
IDLE_IN_TRANSACTION = "30s"


class DatabaseAway(Fault):
    """PostgreSQL cannot be reached, or lets nobody in with this URI."""

    code = "database-away"
    hint = "Start the embedded one with `manyhands local up`, or check MANYHANDS_POSTGRES."


class MigrationChanged(Fault):
    """A migration that was applied to this database is not the one in this build."""

    code = "migration-changed"
    hint = "An applied migration never changes: restore the file, and put the change into a new one."


class KeepNewer(Fault):
    """This database has had migrations that this build does not bring."""

    code = "keep-newer"
    hint = "Deploy a build that is at least as new as the one that migrated the database."


class Migration(NamedTuple):
    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        return sha256(self.sql.encode()).hexdigest()


async def connect(
    uri: str,
    *,
    application: str,
    size: int = 8,
    patience: float = 120,
    init: Prepare | None = None,
    **server_settings: str,
) -> asyncpg.Pool:
    """Open a pool of at most `size` connections; raises DatabaseAway when PostgreSQL does not let us in.

    A statement may take `patience` seconds; `init` prepares each new connection.  Times are UTC and a commit
    is on disk when it returns, whatever the server's own settings say.
    """
    settings = {
        "application_name": application,
        "timezone": "UTC",
        "synchronous_commit": "on",
        "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION,
        "lock_timeout": "30s",
    }
    try:
        return await asyncpg.create_pool(
            uri,
            min_size=1,
            max_size=size,
            timeout=10,
            command_timeout=patience,
            init=init,
            server_settings=settings | server_settings,
        )
    except (OSError, asyncpg.InterfaceError, asyncpg.PostgresError) as error:
        # The reason by its type alone: the message could hold the URI, and with it a password.
        raise DatabaseAway(f"PostgreSQL does not let us in ({type(error).__name__})") from None


async def migrate(pool: asyncpg.Pool, folder: Path = KEEP) -> list[str]:
    """Bring `keep` to this build's shape and return the names applied; all of them, or none.

    Raises MigrationChanged when an applied file is another one now, and KeepNewer when one is unknown here.
    """
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(statement(SQL, "lock"), MIGRATING)
        await connection.execute(statement(SQL, "begin"))
        applied = {row["number"]: row["sha256"] for row in await connection.fetch(statement(SQL, "applied"))}
        migrations = sorted(_migrations(folder))
        _compare(applied, migrations)
        missing = [migration for migration in migrations if migration.number not in applied]
        for migration in missing:
            await connection.execute(migration.sql)
            await connection.execute(statement(SQL, "record"), migration.number, migration.name, migration.sha256)
    return [migration.name for migration in missing]


def _migrations(folder: Path) -> Iterable[Migration]:
    for file in folder.glob("[0-9][0-9][0-9][0-9]_*.sql"):
        number, _, name = file.stem.partition("_")
        yield Migration(int(number), name, file.read_text("utf-8"))


def _compare(applied: Mapping[int, str], migrations: Iterable[Migration]) -> None:
    known = {migration.number: migration for migration in migrations}
    for number, checksum in applied.items():
        if number not in known:
            raise KeepNewer(f"migration {number:04} is not part of this build")
        if known[number].sha256 != checksum:
            raise MigrationChanged(f"migration {number:04}_{known[number].name} differs from the one applied")
