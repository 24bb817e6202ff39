"""What a look at the servers finds where they are as they must be, and where one thing is not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import orjson
import pytest
from aiokafka.admin import NewTopic
from typer.testing import CliRunner

from events.topics import ALL, CASES
from events.topics import settings as topic_settings
from services.ops.check import command
from services.ops.check.finding import Finding
from services.runtime.log import admin, create_topics
from services.runtime.settings import Settings
from services.runtime.store import connect, upgrade
from services.vault.secrets import Secrets
from services.vault.vault import Vault
from tests.support.wait import until


@pytest.fixture
def settings(tmp_path: Path, kafka: str, database: str, topic_prefix: str) -> Settings:
    return Settings(tmp_path, kafka, database, topic_prefix=topic_prefix, partitions=1)


async def made(settings: Settings) -> None:
    await upgrade(settings.postgres)
    await create_topics(settings)
    async with await connect(settings.postgres, application="test") as pool:
        await Vault(pool, Secrets(settings.home / "secrets")).mint("riverbend", "clinic", ["own:1"])


async def wrong(settings: Settings) -> dict[str, Finding]:
    return {each.what: each for each in await command.looked(settings) if each.verdict == "wrong"}


async def topics(settings: Settings) -> set[str]:
    async with admin(settings) as client:
        return {name for name in await client.list_topics() if name.startswith(settings.topic_prefix)}


async def test_servers_that_are_set_up_are_right_and_left_as_they_were(settings: Settings) -> None:
    await made(settings)
    before = await topics(settings)
    assert await wrong(settings) == {}
    assert await topics(settings) == before
    connection = await asyncpg.connect(settings.postgres)
    try:
        assert await connection.fetchval("select count(*) from pg_namespace where nspname ~ '^rm_check'") == 0
    finally:
        await connection.close()


async def test_servers_that_are_new_lack_topics_and_tables(settings: Settings) -> None:
    found = await wrong(settings)
    assert set(found) >= {"topics", "migrations of keep"}
    assert "topics create" in found["topics"].hint
    assert not (settings.home / "secrets").exists(), "looking makes no secrets"


async def test_topic_that_forgets_is_found(settings: Settings) -> None:
    await made(settings)
    name = settings.topic(CASES)
    async with admin(settings) as client:
        await client.delete_topics([name])
    await _gone(settings, name)
    async with admin(settings) as client:
        await client.create_topics([NewTopic(name, 1, 1, topic_configs=topic_settings(1) | {"retention.ms": "1000"})])
    found = await wrong(settings)
    assert set(found) == {"topics"}
    assert "[topic-settings-differ]" in found["topics"].seen


async def _gone(settings: Settings, name: str) -> None:
    async def gone() -> bool:
        return name not in await topics(settings)

    await until(gone)


async def test_topic_that_is_not_flushed_and_takes_short_records_only_is_found(settings: Settings) -> None:
    await upgrade(settings.postgres)
    short = {**topic_settings(1), "max.message.bytes": "1000", "flush.messages": "9"}
    async with admin(settings) as client:
        await client.create_topics([NewTopic(settings.topic(topic), 1, 1, topic_configs=short) for topic in ALL[:1]])
    await create_topics(settings)
    name = settings.topic(CASES)
    assert set(await wrong(settings)) == {f"{name}: flush.messages", f"{name}: max.message.bytes"}


async def test_secrets_of_another_database_are_found(settings: Settings, tmp_path: Path) -> None:
    await made(settings)
    other = replace(settings, home=tmp_path / "other")
    assert Secrets(other.home / "secrets").ids
    found = await wrong(other)
    assert set(found) == {"secrets"}
    assert "[secrets-foreign]" in found["secrets"].seen


@pytest.mark.parametrize(
    ("days", "verdict"), [(0, "right"), (29, "right"), (31, "note"), (34, "note"), (36, "wrong"), (400, "wrong")]
)
async def test_epoch_that_nobody_changes_is_noticed(settings: Settings, days: int, verdict: str) -> None:
    await made(settings)
    connection = await asyncpg.connect(settings.postgres)
    try:
        await connection.execute("update keep.secret set since = now() - $1::interval", timedelta(days=days))
    finally:
        await connection.close()
    [found] = [each for each in await command.looked(settings) if each.what == "age of the epoch's key"]
    assert (found.verdict, found.seen) == (verdict, f"{days} days")
    assert ("keys rotate" in found.hint) == (verdict != "right")
    async with await connect(settings.postgres, application="test") as pool:
        await Vault(pool, Secrets(settings.home / "secrets")).rotate()
    assert await wrong(settings) == {}


async def test_user_without_rights_is_told_which(settings: Settings) -> None:
    await made(settings)
    async with _user(settings) as uri:
        found = await wrong(replace(settings, postgres=uri))
    assert set(found) >= {"role manyhands_processor", "role manyhands_gateway", "schemas and tables"}
    assert found["role manyhands_gateway"].seen == "not granted"


@asynccontextmanager
async def _user(settings: Settings) -> AsyncIterator[str]:
    """Give the URI of somebody who may connect and nothing else."""
    owner = await asyncpg.connect(settings.postgres)
    name = f"stranger_{urlsplit(settings.postgres).path[1:]}"
    try:
        await owner.execute(f"create role {name} login; grant usage on schema keep to {name}")
        await owner.execute(f"grant select on keep.migration to {name}")
        yield settings.postgres.replace("//manyhands@", f"//{name}@")
    finally:
        await owner.execute(f"drop owned by {name}; drop role {name}")
        await owner.close()


async def test_servers_that_are_away_are_found_one_by_one(settings: Settings) -> None:
    away = replace(settings, kafka="127.0.0.1:1", postgres="postgresql://nobody@127.0.0.1:1/none")
    found = await wrong(away)
    assert set(found) == {"Kafka", "PostgreSQL", "secrets"}
    assert "[database-away]" in found["PostgreSQL"].seen


async def test_database_of_another_encoding_is_found(settings: Settings) -> None:
    owner = await asyncpg.connect(settings.postgres)
    name = f"{urlsplit(settings.postgres).path[1:]}_ascii"
    try:
        await owner.execute(
            f"create database {name} template template0 encoding 'SQL_ASCII' locale_provider libc locale 'C'"
        )
        found = await wrong(
            replace(settings, postgres=settings.postgres.replace(urlsplit(settings.postgres).path, f"/{name}"))
        )
        assert found["encoding"].seen == "SQL_ASCII"
    finally:
        await owner.execute(f"drop database if exists {name}")
        await owner.close()


def run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> tuple[int, Any]:
    named = {"HOME": str(settings.home), "KAFKA": settings.kafka, "POSTGRES": settings.postgres, "PARTITIONS": "1"}
    for name, value in (named | {"TOPIC_PREFIX": settings.topic_prefix}).items():
        monkeypatch.setenv(f"MANYHANDS_{name}", value)
    ran = CliRunner().invoke(command.app, ["--json"])
    return ran.exit_code, orjson.loads(ran.stdout)


def test_exit_code_says_that_something_is_wrong(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    code, answer = run(settings, monkeypatch)
    assert (code, answer["right"]) == (1, False)
    assert all(each["hint"] for each in answer["findings"] if each["verdict"] != "right")
