"""The command line as a door: init, publish and register, as a person or a script runs them."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import orjson
import pytest

from tests.support.admitting import BACKBONE, REGISTRAR, said
from tests.support.events import INITIATIVE

CANARY = "Zaphrodite Quillfeather"


class Ran(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [orjson.loads(line) for line in self.out.splitlines()]


class Command:
    """Runs `manyhands` in a process of its own against one deployment."""

    def __init__(self, home: Path, environ: dict[str, str]) -> None:
        self.home = home
        self._environ = {**os.environ, **environ, "MANYHANDS_HOME": str(home)}

    async def begun(self, *arguments: str, **environ: str) -> asyncio.subprocess.Process:
        """Start the command, with its input still open."""
        return await asyncio.create_subprocess_exec(
            str(Path(".venv/bin/manyhands").absolute()),
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self._environ | environ,
        )

    async def __call__(self, *arguments: str, said: bytes = b"", **environ: str) -> Ran:
        process = await self.begun(*arguments, **environ)
        out, err = await asyncio.wait_for(process.communicate(said), 60)
        assert process.returncode is not None
        return Ran(process.returncode, out.decode(), err.decode())


@pytest.fixture
def command(kafka: str, database: str, topic_prefix: str, tmp_path: Path) -> Command:
    return Command(
        tmp_path,
        {
            "MANYHANDS_KAFKA": kafka,
            "MANYHANDS_POSTGRES": database,
            "MANYHANDS_TOPIC_PREFIX": topic_prefix,
            "MANYHANDS_PARTITIONS": "2",
        },
    )


async def opened(command: Command) -> None:
    asked = ("--zone", "America/Chicago", "--backbone", BACKBONE, "--registrar", REGISTRAR, "--json")
    ran = await command("init", INITIATIVE, *asked)
    assert ran.code == 0, ran.err
    assert orjson.loads(ran.out) | {"said": 0} == {"initiative": INITIATIVE, "said": 0, "registrars": [REGISTRAR]}


def rows(*told: bytes) -> bytes:
    return b"\n".join(told) + b"\n"


def registered(client: str, **data: object) -> bytes:
    return said("client.registered", client, data, client=f"own:{client}")


async def test_init_twice_opens_once(command: Command) -> None:
    await opened(command)
    again = await command("init", INITIATIVE, "--zone", "Europe/Berlin", "--backbone", "others", "--json")
    assert orjson.loads(again.out) == {"initiative": INITIATIVE, "said": 0, "registrars": [REGISTRAR]}


async def test_init_with_a_zone_of_no_map_says_so(command: Command) -> None:
    ran = await command("init", INITIATIVE, "--zone", "Middle/Earth")
    assert ran.code == 1
    assert "[not-opened]" in ran.err
    assert "/data/zone" in ran.err


async def test_publish_answers_each_row_and_exits_by_what_became_of_them(command: Command) -> None:
    await opened(command)
    file = command.home / "events.ndjson"
    file.write_bytes(rows(registered("1"), b"", CANARY.encode(), registered("2", details=CANARY)))
    ran = await command("publish", str(file), "--as", BACKBONE, "--json")
    assert ran.code == 1, ran.err
    assert [(line["line"], line["row"], line["ok"], line.get("code")) for line in ran.lines] == [
        (1, 0, True, None),
        (3, 1, False, "not-json"),
        (4, 2, True, None),
    ]
    assert CANARY not in ran.out + ran.err


async def test_publish_from_a_pipe_when_all_get_in(command: Command) -> None:
    await opened(command)
    ran = await command("publish", "-", "--as", BACKBONE, said=rows(registered("1"), registered("2")))
    assert (ran.code, ran.out) == (0, "2 published\n")


async def test_slow_pipe_is_answered_while_it_stays_open(command: Command) -> None:
    await opened(command)
    process = await command.begun("publish", "-", "--as", BACKBONE, "--json", PYTHONUNBUFFERED="")
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        for line, client in enumerate(("1", "2"), 1):
            process.stdin.write(rows(registered(client)))
            answer = orjson.loads(await asyncio.wait_for(process.stdout.readline(), 30))
            assert (answer["line"], answer["ok"]) == (line, True)
    finally:
        process.stdin.close()
        assert await asyncio.wait_for(process.wait(), 30) == 0


async def test_publish_tells_people_what_is_wrong_and_where(command: Command) -> None:
    await opened(command)
    ran = await command("publish", "-", "--as", BACKBONE, said=rows(b"{}", registered("1"), b"{}"))
    assert ran.code == 1
    assert "line 1  missing-field  /type" in ran.err
    assert "line 3  missing-field  /type" in ran.err
    assert "2 turned away" in ran.out


async def test_dry_run_publishes_nothing(command: Command) -> None:
    await opened(command)
    ran = await command("publish", "-", "--as", BACKBONE, "--dry-run", said=rows(registered("1")))
    assert (ran.code, ran.out) == (0, "1 would be published\n")
    rebuilt = await command("register", "rebuild", "--json")
    assert orjson.loads(rebuilt.out) == {"rows": 0}


async def test_publish_exits_3_when_the_log_does_not_answer(command: Command) -> None:
    ran = await command("publish", "-", "--as", BACKBONE, said=b"", MANYHANDS_KAFKA="127.0.0.1:9")
    assert ran.code == 3
    assert "[log-unavailable]" in ran.err


@pytest.mark.parametrize("known", [(), ("riverbend", "lakeside")])
async def test_publish_asks_which_initiative_is_meant(command: Command, known: Sequence[str]) -> None:
    await command("topics", "create")
    for initiative in known:
        await command("init", initiative, "--zone", "Europe/Berlin")
    ran = await command("publish", "-", "--as", BACKBONE, said=b"")
    assert ran.code == 1
    assert "[initiative-unknown]" in ran.err


async def test_no_name_is_written_anywhere_in_clear(command: Command, database: str) -> None:
    await opened(command)
    told = rows(
        registered("1", details=CANARY),
        said("client.registered", CANARY, {"details": CANARY}, client=f"own:{CANARY}"),
        said("client.registered", "3", {"details": CANARY, CANARY: CANARY}, client="own:3"),
        b'{"' + CANARY.encode() + b'": "' + CANARY.encode(),
    )
    ran = await command("publish", "-", "--as", BACKBONE, "--json", said=told)
    assert [line["ok"] for line in ran.lines] == [True, True, False, False]
    answered = [line.get("id") for line in ran.lines]
    assert answered == ["1", CANARY, None, None], "an emitter's own id is echoed to it and to nobody else"
    assert CANARY not in ran.err
    assert CANARY not in await dumped(database)
    for file in command.home.rglob("*"):
        assert not file.is_file() or CANARY.encode() not in file.read_bytes()


async def dumped(database: str) -> str:
    """Return every row of every table that the deployment keeps, as text."""
    connection = await asyncpg.connect(database)
    try:
        tables = await connection.fetch(
            "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname = 'keep'"
        )
        found = [await connection.fetch(f"select t::text from {each[0]} t") for each in tables]  # noqa: S608 - names PostgreSQL quoted
    finally:
        await connection.close()
    return "\n".join(row[0] for each in found for row in each)
