"""Migrations of `keep`: each once, all or none, and none changed behind the database's back."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from services.runtime.store import KEEP, DatabaseAway, KeepNewer, MigrationChanged, connect, migrate


@pytest.fixture
async def pool(database: str) -> AsyncIterator[asyncpg.Pool]:
    async with await connect(database, application="test") as opened:
        yield opened


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """A copy of this build's migrations, to be changed."""
    shutil.copytree(KEEP, tmp_path / "keep")
    return tmp_path / "keep"


async def recorded(pool: asyncpg.Pool) -> list[str]:
    return [row["name"] for row in await pool.fetch("select name from keep.migration order by number")]


async def test_migrations_run_once_in_order(pool: asyncpg.Pool) -> None:
    applied = await migrate(pool)
    assert applied[0] == "vault"
    assert await recorded(pool) == applied
    assert await migrate(pool) == []


async def test_processes_starting_at_once_migrate_once(pool: asyncpg.Pool) -> None:
    applied = await asyncio.gather(*(migrate(pool) for _ in range(4)))
    assert sorted(map(len, applied))[:3] == [0, 0, 0]
    assert await recorded(pool) == max(applied, key=len)


async def test_later_build_applies_what_is_new(pool: asyncpg.Pool, build: Path) -> None:
    await migrate(pool)
    (build / "9000_more.sql").write_text("create table keep.more (name text primary key);")
    assert await migrate(pool, build) == ["more"]


async def test_changed_migration_is_an_error_that_names_it(pool: asyncpg.Pool, build: Path) -> None:
    await migrate(pool)
    with (build / "0001_vault.sql").open("a") as file:
        file.write("-- changed\n")
    with pytest.raises(MigrationChanged, match="0001_vault"):
        await migrate(pool, build)


async def test_older_build_does_not_touch_a_newer_database(pool: asyncpg.Pool, build: Path) -> None:
    (build / "9000_more.sql").write_text("create table keep.more (name text primary key);")
    await migrate(pool, build)
    with pytest.raises(KeepNewer, match="9000"):
        await migrate(pool)


async def test_failing_migration_leaves_nothing_behind(pool: asyncpg.Pool, build: Path) -> None:
    (build / "9000_more.sql").write_text("create table keep.more (name text primary key); select 1 / 0;")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(pool, build)
    assert await pool.fetchval("select to_regnamespace('keep')") is None


async def test_commits_are_on_disk_and_times_are_utc(database: str) -> None:
    async with await connect(database, application="settings", statement_timeout="5s") as pool:
        settings = [await pool.fetchval(f"show {name}") for name in ("synchronous_commit", "timezone")]
        assert settings == ["on", "UTC"]
        assert await pool.fetchval("show statement_timeout") == "5s"


async def test_database_that_does_not_answer_is_named_so() -> None:
    with pytest.raises(DatabaseAway) as caught:
        await connect("postgresql://nobody:hidden@127.0.0.1:1/none", application="test")
    assert "hidden" not in str(caught.value)


async def test_database_that_does_not_exist_is_named_so(database: str) -> None:
    with pytest.raises(DatabaseAway, match="InvalidCatalogNameError"):
        await connect(urlsplit(database)._replace(path="/no_such_database").geturl(), application="test")
