"""The embedded servers as a person meets them: by the command, in a folder of their own."""

import asyncio
import json
import os
import subprocess
import sys
from asyncio.subprocess import PIPE
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from services.ops import local

MANYHANDS = str(Path(sys.executable).with_name("manyhands"))
TOPIC = "kept"


class Answer(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, object]:
        return dict(json.loads(self.out))


class Machine:
    """A data folder and the environment of somebody who uses it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {**os.environ, "MANYHANDS_HOME": str(home)}

    async def local(self, *arguments: str, **environment: str) -> Answer:
        command = [MANYHANDS, "local", *arguments]
        process = await asyncio.create_subprocess_exec(
            *command, env={**self.environment, **environment}, stdin=subprocess.DEVNULL, stdout=PIPE, stderr=PIPE
        )
        out, err = await process.communicate()
        return Answer(process.returncode or 0, out.decode(), err.decode())


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    yield Machine(tmp_path / "home")
    local.reset(tmp_path / "home")


@pytest.fixture
def unreachable() -> dict[str, str]:
    """An environment in which every download ends at a port where nothing listens."""
    names = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
    return {**dict.fromkeys(names, "http://127.0.0.1:9"), "NO_PROXY": "", "no_proxy": ""}


async def write(servers: local.Servers, number: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers.kafka)
    producer = AIOKafkaProducer(bootstrap_servers=servers.kafka, acks="all")
    await admin.start()
    await admin.create_topics([NewTopic(TOPIC, 1, 1, topic_configs={"flush.messages": "1"})])
    await admin.close()
    await producer.start()
    await producer.send_and_wait(TOPIC, str(number).encode())
    await producer.stop()
    connection = await asyncpg.connect(servers.postgres)
    await connection.execute(f"create table kept as select {number} as number")
    await connection.close()


async def read(servers: local.Servers) -> tuple[int, int]:
    consumer = AIOKafkaConsumer(TOPIC, bootstrap_servers=servers.kafka, auto_offset_reset="earliest")
    await consumer.start()
    record = await asyncio.wait_for(consumer.getone(), 30)
    await consumer.stop()
    connection = await asyncpg.connect(servers.postgres)
    number = await connection.fetchval("select number from kept")
    await connection.close()
    return int(record.value or b""), number


async def test_two_who_start_at_once_find_the_same_servers(machine: Machine) -> None:
    assert (await machine.local("status")).code == 3
    first, second = await asyncio.gather(machine.local("up", "--json"), machine.local("up", "--json"))
    assert (first.code, second.code, first.err, second.err) == (0, 0, "", "")
    assert first.json == second.json

    status = await machine.local("status", "--json")
    assert status.code == 0
    assert json.loads((machine.home / "local.json").read_text())["kafka"] == first.json["kafka"]

    assert (await machine.local("down", "--json")).json == {"stopped": ["kafka", "postgres"]}
    assert (await machine.local("down", "--json")).json == {"stopped": []}
    assert not (machine.home / "local.json").exists()
    assert (await machine.local("status")).code == 3


async def test_what_was_kept_is_there_after_a_stop_and_after_a_kill(
    machine: Machine, unreachable: dict[str, str]
) -> None:
    servers = await asyncio.to_thread(local.up, machine.home)
    await write(servers, 42)

    await asyncio.to_thread(local.down, machine.home)
    again = await machine.local("up", "--json", **unreachable)
    assert again.json == {"home": str(machine.home), "kafka": servers.kafka, "postgres": servers.postgres}
    assert await read(servers) == (42, 42)

    await asyncio.to_thread(local.Kafka(machine.home).stop, True)
    await asyncio.to_thread(local.Postgres(machine.home).stop, "kill")
    assert await asyncio.to_thread(local.up, machine.home) == servers
    assert await read(servers) == (42, 42)


async def test_reset_asks_and_then_removes_what_is_ours_and_nothing_else(machine: Machine) -> None:
    await asyncio.to_thread(local.Postgres(machine.home).start)
    (machine.home / "mine.txt").write_text("a person's own file")
    refused = await machine.local("reset")
    assert (refused.code, local.Postgres(machine.home).running()) == (1, True)

    assert (await machine.local("reset", "--yes")).code == 0
    assert not local.Postgres(machine.home).running()
    assert sorted(path.name for path in machine.home.iterdir()) == ["lock", "mine.txt"]


async def test_first_start_without_network_says_so_and_starts_nothing(
    machine: Machine, unreachable: dict[str, str], tmp_path: Path
) -> None:
    answer = await machine.local("up", MANYHANDS_CACHE=str(tmp_path / "empty"), **unreachable)
    assert answer.code == 1
    assert "[jar-missing]" in answer.err
    assert "Traceback" not in answer.err
    assert not any(server.running for server in local.status(machine.home))
