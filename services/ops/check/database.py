"""What read models and `keep` rely on, asked of PostgreSQL and tried in a transaction that is rolled back."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from secrets import randbits, token_hex
from typing import Any

from projections.sql import statement
from services.ops.check.errors import ClockAstray, LocksLost
from services.ops.check.finding import Finding, found, noted, tried
from services.runtime.exposure import weaknesses
from services.runtime.roles import Role
from services.runtime.settings import Settings
from services.runtime.store import Pool, connect, denials, unapplied

SQL = Path(__file__).with_name("database.sql")
OLDEST, CLOCK_S = 150_000, 5.0
CONFIGURED = "Set it in postgresql.conf, and restart PostgreSQL."


async def looks(settings: Settings) -> AsyncIterator[Finding]:
    """Look at everything.  Raises DatabaseAway when PostgreSQL lets nobody in."""
    async with await connect(settings.postgres, application="manyhands check", size=2) as pool:
        async with pool.acquire() as connection:
            [server] = map(dict, await connection.fetch(statement(SQL, "server")))
        for each in _server(server, settings):
            yield each
        yield await tried("clock of PostgreSQL", _clock(server["now"]))
        yield await tried("locks of a session", _locks(pool))
        for each in await _roles(pool):
            yield each
        yield await _migrated(pool)
        yield await tried("schemas and tables", _scratch(settings))


def _server(server: dict[str, Any], settings: Settings) -> list[Finding]:
    sorted_so = f"{server['collation']} ({'builtin' if server['provider'] == 'b' else server['provider']})"
    steady = server["provider"] == "b" or server["collation"] in ("C", "C.UTF-8", "POSIX")
    on_the_way = [each for each in weaknesses(settings) if "PostgreSQL" in each]
    return [
        found("PostgreSQL version", server["number"] >= OLDEST, server["version"], "Use PostgreSQL 15 or newer."),
        found("encoding", server["encoding"] == "UTF8", server["encoding"], "Make the database with encoding UTF8."),
        noted("collation", steady, sorted_so, "Another locale may sort otherwise after an upgrade; make it with C."),
        *(found(name, server[name] == "on", server[name], CONFIGURED) for name in ("fsync", "full_page_writes")),
        found("synchronous_commit", server["synchronous_commit"] != "off", server["synchronous_commit"], CONFIGURED),
        found("time zone of a session", server["timezone"] == "UTC", server["timezone"], "Leave it to the session."),
        noted("log_statement", server["log_statement"] == "none", server["log_statement"], "Log no statements."),
        found(
            "traffic to PostgreSQL",
            not on_the_way or _local(settings),
            "TLS" if server["tls"] else "no TLS",
            "Add sslmode=verify-full and sslrootcert to MANYHANDS_POSTGRES.",
        ),
    ]


def _local(settings: Settings) -> bool:
    return any(host in settings.postgres for host in ("@127.0.0.1", "@localhost", "@[::1]"))


async def _clock(now: datetime) -> str:
    ahead = (now - datetime.now(UTC)).total_seconds()
    if abs(ahead) > CLOCK_S:
        raise ClockAstray(f"PostgreSQL's clock is {ahead:+.1f} s from this machine's")
    return f"{ahead:+.3f} s from this machine's"


async def _locks(pool: Pool) -> str:
    """Take a lock on one connection: it must stay there over statements, and keep the other one out."""
    number = randbits(62)
    async with pool.acquire() as one, pool.acquire() as other:
        taken = await one.fetchval(statement(SQL, "take"), number)
        kept = not await other.fetchval(statement(SQL, "take"), number)
        given_back = await one.fetchval(statement(SQL, "release"), number)
    if not (taken and kept and given_back):
        raise LocksLost("a lock of one connection was given to another")
    return "kept until they are given back"


async def _roles(pool: Pool) -> list[Finding]:
    async with pool.acquire() as connection:
        rows = await connection.fetch(statement(SQL, "roles"), [role.value for role in Role])
    hint = "Run `manyhands migrate` as whoever owns the database, and grant the role to this user."
    return [found(f"role {row['wanted']}", row["member"], _role(row["there"], row["member"]), hint) for row in rows]


def _role(there: bool, member: bool) -> str:
    return "may be taken" if member else "not granted" if there else "missing"


async def _migrated(pool: Pool) -> Finding:
    missing = await unapplied(pool)
    return found("migrations of keep", not missing, ", ".join(missing) or "all applied", "Run `manyhands migrate`.")


async def _scratch(settings: Settings) -> str:
    """Make a read model's kind of schema as its processor does; nothing of it stays."""
    name = f"rm_check_{token_hex(4)}"
    async with (
        await connect(settings.postgres, application="manyhands check", size=1, role=Role.PROCESSOR) as pool,
        pool.acquire() as connection,
    ):
        transaction = connection.transaction()
        await transaction.start()
        try:
            with denials():
                for step in ("make", "table", "rows"):
                    await connection.execute(statement(SQL, step).format(name=name))
        finally:
            await transaction.rollback()
    return "may be made by the processors' role"
