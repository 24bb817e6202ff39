"""Connections to PostgreSQL, and the numbered migrations of `keep`: what no rebuild can make again."""

from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg

from projections.sql import statement
from projections.store.pool import Connection
from services.runtime.errors import Fault
from services.runtime.roles import Role

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


class RoleMissing(Fault):
    """The database server does not know the role that a process of this kind takes."""

    code = "role-missing"
    hint = "Run `manyhands migrate` once: it makes the roles."


class RoleDenied(Fault):
    """The user of MANYHANDS_POSTGRES may not do this: it is not in the role, or the role lacks the right."""

    code = "role-denied"
    hint = "Grant it the role that the message names, or have whoever owns the database run `manyhands migrate`."


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
    """Open a pool of at most `size` connections; `role=` gives each the rights of a Role and no others.

    A statement may take `patience` seconds; `init` prepares each new connection.  Times are UTC and a commit
    is on disk when it returns, whatever the server's own settings say.
    Raises DatabaseAway when PostgreSQL does not let us in, RoleMissing and RoleDenied when it does not know the
    role or the URI's user is not in it.
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
            # A role that is said while connecting is the session's own: a pool's resets leave it.
            server_settings=settings | {name: str(value) for name, value in server_settings.items()},
        )
    except asyncpg.InvalidParameterValueError:
        raise RoleMissing(f"there is no role {server_settings.get('role')}") from None
    except asyncpg.InsufficientPrivilegeError:
        raise RoleDenied(f"the user of MANYHANDS_POSTGRES is not in the role {server_settings.get('role')}") from None
    except (OSError, asyncpg.InterfaceError, asyncpg.PostgresError) as error:
        # The reason by its type alone: the message could hold the URI, and with it a password.
        raise DatabaseAway(f"PostgreSQL does not let us in ({type(error).__name__})") from None


@asynccontextmanager
async def migrated(uri: str, *, role: Role, application: str, **settings: Any) -> AsyncIterator[asyncpg.Pool]:
    """Give a pool as `connect` does, over a `keep` of this build's shape.  Raises what both of them raise."""
    await upgrade(uri)
    pool = await connect(uri, application=application, role=role, **settings)
    try:
        yield pool
    finally:
        await pool.close()


async def upgrade(uri: str) -> list[str]:
    """Migrate as the URI's own user, in no role.  Raises what `connect` and `migrate` raise."""
    async with await connect(uri, application="manyhands migrate", size=1) as pool:
        return await migrate(pool)


async def migrate(pool: asyncpg.Pool, folder: Path = KEEP) -> list[str]:
    """Bring `keep` to this build's shape and return the names applied; all of them, or none.

    A user without the right to change anything may call this too, when there is nothing to apply.
    Raises MigrationChanged when an applied file is another one now, KeepNewer when one is unknown here, and
    RoleDenied when there is something to apply that this user may not.
    """
    migrations = sorted(_migrations(folder))
    async with pool.acquire() as connection:
        try:
            missing = await _missing(connection, migrations)
            return await _migrate(connection, migrations) if missing else []
        except asyncpg.InsufficientPrivilegeError:
            raise RoleDenied("the user of MANYHANDS_POSTGRES may not apply migrations") from None


@contextmanager
def denials() -> Iterator[None]:
    """Raise RoleDenied where PostgreSQL says that the role lacks a right."""
    try:
        yield
    except asyncpg.InsufficientPrivilegeError:
        raise RoleDenied("the role may not do this") from None


async def unapplied(pool: asyncpg.Pool, folder: Path = KEEP) -> list[str]:
    """Return the names of the migrations that the database has not had.  Raises MigrationChanged and KeepNewer."""
    async with pool.acquire() as connection:
        return [each.name for each in await _missing(connection, sorted(_migrations(folder)))]


async def _missing(connection: Connection, migrations: Iterable[Migration]) -> list[Migration]:
    """Return the migrations that this database has not had."""
    migrations = list(migrations)
    if not await connection.fetchval(statement(SQL, "known")):
        return migrations
    applied = {row["number"]: row["sha256"] for row in await connection.fetch(statement(SQL, "applied"))}
    _compare(applied, migrations)
    return [migration for migration in migrations if migration.number not in applied]


async def _migrate(connection: Connection, migrations: Iterable[Migration]) -> list[str]:
    async with connection.transaction():
        await connection.execute(statement(SQL, "lock"), MIGRATING)
        await connection.execute(statement(SQL, "roles"))
        await connection.execute(statement(SQL, "begin"))
        missing = await _missing(connection, migrations)
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
