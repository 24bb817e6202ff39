"""`manyhands keep tidy`: what ended long ago is forgotten, and how much that was is said."""

import asyncio
from pathlib import Path

import asyncpg
import orjson
import pytest
from typer.testing import CliRunner

from services.gateway.people.tidying import KINDS
from services.ops import keep
from services.runtime.store import upgrade


async def _left(database: str, before: str) -> None:
    """Keep a session that ended so long ago, and one that did not end."""
    await upgrade(database)
    connection = await asyncpg.connect(database)
    person = "00000000-0000-4000-8000-000000000001"
    await connection.execute(f"insert into keep.person values ('{person}', 'riverbend', 'clinic', 'a@b.example')")  # noqa: S608
    for over in (f"now() - interval '{before}'", "now() + interval '1 hour'"):
        row = f"(sha256(random()::text::bytea), '{person}', {over})"
        await connection.execute(f"insert into keep.session (sha256, person, expires) values {row}")  # noqa: S608
    await connection.close()


@pytest.mark.parametrize(("before", "gone"), [("91 days", 1), ("89 days", 0)])
async def test_command_says_what_it_forgot(
    monkeypatch: pytest.MonkeyPatch, database: str, tmp_path: Path, before: str, gone: int
) -> None:
    for name, value in (("HOME", str(tmp_path)), ("KAFKA", "127.0.0.1:1"), ("POSTGRES", database)):
        monkeypatch.setenv(f"MANYHANDS_{name}", value)
    await _left(database, before)
    ran = await asyncio.to_thread(CliRunner().invoke, keep.app, ["tidy", "--json"])
    assert ran.exit_code == 0, ran.output
    assert orjson.loads(ran.output) == dict.fromkeys(KINDS, 0) | {"session": gone}
