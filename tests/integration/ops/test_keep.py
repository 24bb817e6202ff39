"""What `keep` holds is saved whole and loaded into an empty database, on any server."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from services.ops import local
from services.ops.backup import kept
from services.ops.backup.errors import PlaceTaken
from services.ops.backup.manifest import Keep
from services.runtime.store import KeepNewer, MigrationChanged, connect, upgrade
from services.vault.secrets import Secrets
from services.vault.vault import Vault
from tests.support import databases

ROWS = """
insert into keep.inbox (partner, initiative, topic, next_offset, last_hash)
    values ('clinic', 'riverbend', 'manyhands.inbox.clinic', 7, decode(repeat('ab', 32), 'hex')),
           ('shelter', 'riverbend', 'manyhands.inbox.shelter', null, null);
insert into keep.decision (partner, life, record_offset, recorded_at, code, detail)
    values ('clinic', 0, 6, '2026-01-01 10:00:00.123456+00', 'bad-payload', E'with "quotes", commas\\nand a line');
insert into keep.token (prefix, sha256, initiative, partner, scopes, issued, expires, replaces)
    values ('aaaaaaaa', decode(repeat('00', 32), 'hex'), 'riverbend', 'clinic', '{x,y}', now(), now(), 'bbbbbbbb'),
           ('bbbbbbbb', decode(repeat('01', 32), 'hex'), 'riverbend', 'clinic', '{events}', now(), now(), null);
insert into keep.person (person, initiative, partner, email)
    values ('00000000-0000-4000-8000-000000000001', 'riverbend', 'clinic', 'ada@clinic.example');
insert into keep.session (sha256, person, expires)
    values (decode(repeat('02', 32), 'hex'), '00000000-0000-4000-8000-000000000001', now() + interval '1 day');
insert into keep.link (sha256, browser, person, expires)
    values (decode(repeat('03', 32), 'hex'), decode(repeat('04', 32), 'hex'), '00000000-0000-4000-8000-000000000001',
        now() + interval '1 day');
insert into keep.active values ('referral', 1, 'b', 'rm_referral_v1_b');
"""


@pytest.fixture
async def empty(servers: local.Servers) -> AsyncIterator[str]:
    """Another database, which has nothing."""
    async with databases.fresh(servers.postgres) as uri:
        yield uri


@pytest.fixture
async def saved(database: str, tmp_path: Path) -> Keep:
    await upgrade(database)
    async with await connect(database, application="test") as pool:
        vault = Vault(pool, Secrets(tmp_path / "secrets"))
        clients = await vault.mint("riverbend", "clinic", [f"own:{number}" for number in range(50)])
        await vault.keys("riverbend", clients.values())
        await vault.destroy("riverbend", clients["own:7"])
        async with pool.acquire() as connection:
            await connection.execute(ROWS)
        tables = await kept.save(pool, tmp_path, 1, first=True) | await kept.save(pool, tmp_path, 1, first=False)
        return Keep(*await kept.described(pool), tables)


async def contents(uri: str) -> dict[str, list[Any]]:
    connection = await asyncpg.connect(uri)
    try:
        names = [row[0] for row in await connection.fetch("select tablename from pg_tables where schemaname = 'keep'")]
        return {
            name: [row[0] for row in await connection.fetch(f"select t::text from keep.{name} t order by 1")]  # noqa: S608
            for name in names
        }
    finally:
        await connection.close()


async def test_every_table_comes_back_as_it_was(database: str, empty: str, saved: Keep, tmp_path: Path) -> None:
    await kept.load(empty, tmp_path, saved)
    before, after = await contents(database), await contents(empty)
    assert before.pop("active")
    assert after.pop("active") == [], "which build is served is for the first processor to say"
    for name in ("session", "link"):
        assert before.pop(name)
        assert after.pop(name) == [], "nobody is signed in again who signed out since"
    assert after == before
    assert all(
        before[name] for name in ("client", "alias", "data_key", "secret", "inbox", "decision", "token", "person")
    )


async def test_what_is_saved_before_the_log_is_there_to_be_saved(saved: Keep) -> None:
    assert set(kept.FIRST) <= set(saved.tables)
    assert not set(kept.NOT_KEPT) & set(saved.tables)


async def test_numbers_go_on_after_the_largest(empty: str, saved: Keep, tmp_path: Path) -> None:
    await kept.load(empty, tmp_path, saved)
    connection = await asyncpg.connect(empty)
    try:
        row = "insert into keep.inbox (partner, initiative, topic) values ('third', 'riverbend', 't') returning number"
        assert await connection.fetchval(row) == 3
    finally:
        await connection.close()


async def test_nothing_is_loaded_over_what_is_there(database: str, saved: Keep, tmp_path: Path) -> None:
    before = await contents(database)
    with pytest.raises(PlaceTaken):
        await kept.load(database, tmp_path, saved)
    assert await contents(database) == before


async def test_loading_that_fails_leaves_nothing(empty: str, saved: Keep, tmp_path: Path) -> None:
    with (tmp_path / saved.tables["alias"].piece.path).open("a") as file:
        file.write("too,few,columns\n")
    with pytest.raises(asyncpg.PostgresError):
        await kept.load(empty, tmp_path, saved)
    assert await contents(empty) == {}


async def test_shape_that_this_build_does_not_know_is_refused(empty: str, saved: Keep, tmp_path: Path) -> None:
    newer = shaped(saved, {**saved.migrations, 9999: "0" * 64})
    with pytest.raises(KeepNewer):
        await kept.load(empty, tmp_path, newer)
    other = shaped(saved, {**saved.migrations, 1: "0" * 64})
    with pytest.raises(MigrationChanged):
        await kept.load(empty, tmp_path, other)
    assert await contents(empty) == {}


def shaped(keep: Keep, migrations: dict[int, str]) -> Keep:
    return Keep(migrations, keep.epoch, keep.tables)


async def test_older_shape_is_brought_up_to_date(empty: str, saved: Keep, tmp_path: Path) -> None:
    later = max(saved.migrations)
    older = shaped(saved, {number: sha for number, sha in saved.migrations.items() if number != later})
    # Tables of which no later shape has another column.
    first = {name: table for name, table in older.tables.items() if name in ("client", "data_key")}
    await kept.load(empty, tmp_path, Keep(older.migrations, older.epoch, first))
    async with await connect(empty, application="test") as pool:
        assert (await kept.described(pool))[0] == saved.migrations
