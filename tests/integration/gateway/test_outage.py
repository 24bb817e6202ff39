"""Kafka frozen and stopped under the gateway: the outcome is called unknown, and sending again is safe."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import orjson
import pytest

from events.topics import CASES, DISCLOSURES
from services.gateway.app import make
from services.gateway.cloudevents import Mode
from services.gateway.parts import Parts, opened
from services.ops import local
from services.ops.local.kafka import Kafka
from services.runtime import log
from services.runtime.settings import Settings
from tests.support import doors
from tests.support.admitting import CLINIC, SHELTER, found, records, registered, registrar, said

JSON = {"Content-Type": "application/json"}


@pytest.fixture
async def lone(tmp_path: Path) -> AsyncIterator[tuple[Parts, Kafka]]:
    """A gateway whose servers the test may freeze."""
    servers = local.up(tmp_path)
    try:
        settings = Settings(tmp_path, servers.kafka, servers.postgres, partitions=2)
        await log.create_topics(settings)
        async with opened(settings) as parts:
            await found(parts.admission)
            yield parts, Kafka(tmp_path)
    finally:
        local.reset(tmp_path)


@contextmanager
def frozen(kafka: Kafka) -> Iterator[None]:
    pid = kafka.daemon.pid()
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def on_the_log(settings: Settings) -> set[str]:
    """Return the ids of the events on topic cases."""
    spans = await log.spans(settings, [CASES])
    return {orjson.loads(each.value or b"")["id"] async for _, batch in log.read(settings, spans) for each in batch}


async def one(door: httpx.AsyncClient, name: str) -> httpx.Response:
    return await door.post("/v1/events", content=registered(name, f"own:{name}"), headers=JSON)


async def test_frozen_broker_is_answered_with_unknown_and_a_retry_gets_in(lone: tuple[Parts, Kafka]) -> None:
    parts, kafka = lone
    async with doors.client(make(parts), await doors.token(parts, CLINIC)) as clinic:
        before = await one(clinic, "before")
        with frozen(kafka):
            answers = await asyncio.gather(*(one(clinic, f"c{number}") for number in range(20)))
            array = await clinic.post(
                "/v1/events", content=b"[" + registered("a", "own:a") + b"]", headers={"Content-Type": Mode.BATCH}
            )
            rows = b"\n".join(registered(f"s{number}", f"own:s{number}") for number in range(5000))
            stream = await clinic.post("/v1/events", content=rows, headers={"Content-Type": Mode.STREAM})
        assert {(each.status_code, each.json()["code"]) for each in answers} == {(503, "log-unavailable")}
        assert all(each.headers["retry-after"] for each in answers)
        assert (array.status_code, array.json()["results"][0]["code"]) == (503, "log-unavailable")
        *told, ended = [orjson.loads(line) for line in stream.content.splitlines()]
        assert {each["code"] for each in told} == {"log-unavailable"}
        assert (ended["status"], ended["code"], ended["next_row"]) == (503, "log-unavailable", len(told))
        again = [await one(clinic, f"c{number}") for number in range(20)]
        kept = await on_the_log(parts.settings)
    assert before.status_code == 202
    assert [each.status_code for each in again] == [202] * 20
    assert {each.json()["event"] for each in (before, *again)} <= kept


async def test_stopped_broker_is_answered_with_unknown(lone: tuple[Parts, Kafka]) -> None:
    parts, kafka = lone
    async with doors.client(make(parts), await doors.token(parts, CLINIC)) as clinic:
        kafka.stop(kill=True)
        answers = await asyncio.gather(*(one(clinic, f"c{number}") for number in range(20)))
        assert {each.status_code for each in answers} == {503}
        kafka.start()
        again = await one(clinic, "c0")
        assert again.status_code == 202
        assert again.json()["event"] in await on_the_log(parts.settings)


async def test_what_is_turned_away_needs_no_log(lone: tuple[Parts, Kafka]) -> None:
    parts, kafka = lone
    async with doors.client(make(parts), await doors.token(parts, CLINIC)) as clinic:
        with frozen(kafka):
            answer = await clinic.post("/v1/events", content=b"{}", headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (422, "missing-field")


async def test_no_match_is_told_or_kept_without_a_record(lone: tuple[Parts, Kafka]) -> None:
    parts, kafka = lone
    await parts.admission.admit(registrar, [said("initiative.policy_set", "matching", {"client_matching": True})])
    asked = {"client": "own:s-1", "tokens": ["ab" * 32]}
    async with doors.partner(parts, CLINIC) as clinic, doors.partner(parts, SHELTER) as shelter:
        await clinic.post("/v1/clients/resolve", json=asked)
        with frozen(kafka):
            answer = await shelter.post("/v1/clients/resolve", json=asked)
        kept = await parts.vault.find("riverbend", SHELTER, ["own:s-1"])
        again = await shelter.post("/v1/clients/resolve", json=asked)
    assert (answer.status_code, answer.json()["code"], kept) == (503, "log-unavailable", {})
    assert again.json()["matched"] is True
    assert any(b"disclosure.opened" in (each.value or b"") for each in await records(parts.settings, DISCLOSURES))
