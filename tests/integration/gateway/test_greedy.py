"""Callers who take as much as they can: others are answered all the same."""

import asyncio

import httpx
import orjson
import pytest

from services.gateway import bodies, rulings, shares
from services.gateway.app import make
from services.gateway.cloudevents import Mode
from services.gateway.guard import HELD, STREAM_SHARE
from services.gateway.parts import Parts
from services.runtime.settings import Settings
from tests.support import doors
from tests.support.admitting import CLINIC, SHELTER, registered
from tests.support.reading import JSON
from tests.support.wait import until

PATIENCE = 60.0


async def post(door: httpx.AsyncClient, own: str, wait: int = 0) -> httpx.Response:
    row = registered(f"c {own}", f"own:{own}")
    return await door.post("/v1/events", content=row, headers=JSON, params={"wait": wait})


async def test_idle_streams_of_one_partner_leave_room_for_others(settings: Settings, parts: Parts) -> None:
    async with asyncio.timeout(PATIENCE), doors.listening(settings) as port:
        bearers = [await doors.token(parts, CLINIC) for _ in range(2)]
        wires = []
        for number in range(HELD // STREAM_SHARE // shares.PARTIES + 1):
            wire = await wires_to(port)
            await wire.begin(bearers[number % 2], Mode.STREAM)
            await wire.chunk(b"\n")
            await wire.head()
            wires.append(wire)
        assert orjson.loads(await wires[-1].piece())["code"] == "rate-limited"
        bearer = await doors.token(parts, SHELTER)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as other:
            other.headers["Authorization"] = f"Bearer {bearer}"
            assert (await post(other, "1")).status_code == 202
        for wire in wires:
            wire.writer.transport.abort()


async def wires_to(port: int) -> doors.Wire:
    return doors.Wire(*await asyncio.open_connection("127.0.0.1", port))


async def test_slow_bodies_of_one_address_leave_others_their_turn(
    settings: Settings, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: whoever comes from the same address has to wait, until one of the bodies has ended."""
    monkeypatch.setattr(bodies, "ADDRESS_SHARE", 4)
    async with asyncio.timeout(PATIENCE), doors.listening(settings) as port:
        bearer = await doors.token(parts, CLINIC)
        slow = [await wires_to(port) for _ in range(4)]
        for wire in slow:
            await wire.begin(bearer, Mode.STREAM)
            await wire.chunk(b"\n")
            assert await wire.head() == 200
        greedy = [await wires_to(port) for _ in range(40)]
        for wire in greedy:
            await wire.begin("mh_nobody", Mode.STRUCTURED)
        assert {await wire.head() for wire in greedy} == {429}
        assert b'"rate-limited"' in await greedy[0].closed()
        async with elsewhere(port, await doors.token(parts, SHELTER)) as other:
            assert (await post(other, "1")).status_code == 202
        async with elsewhere(port, await doors.token(parts, SHELTER), "127.0.0.1") as near:
            assert (await post(near, "2")).status_code == 429
            await slow[0].say(b"0\r\n\r\n")
            assert await slow[0].piece() == b""
            assert (await post(near, "2")).status_code == 202
        for wire in (*slow, *greedy):
            wire.writer.transport.abort()


def elsewhere(port: int, bearer: str, address: str = "127.0.0.2") -> httpx.AsyncClient:
    """Return a client that comes from another address."""
    transport = httpx.AsyncHTTPTransport(local_address=address)
    headers = {"Authorization": f"Bearer {bearer}"}
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, transport=transport)


async def test_one_who_waits_for_very_much_is_told_at_once_and_others_wait(
    parts: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rulings, "PATIENT", 2)
    waiting = [asyncio.create_task(post(clinic, str(number), wait=30)) for number in range(2)]
    await until(lambda: len(parts.rulings._waiting) == 2)
    answer = await post(clinic, "more", wait=30)
    assert (answer.status_code, "ruling" in answer.json()) == (202, False)
    assert not any(each.done() for each in waiting)
    waiting.append(asyncio.create_task(post(shelter, "theirs", wait=30)))
    await until(lambda: len(parts.rulings._waiting) == 3)
    async with doors.folding(parts.settings):
        assert {(await each).json()["ruling"]["outcome"] for each in waiting} == {"applied"}


async def test_dry_run_of_lines_of_next_to_nothing_is_answered_a_few_at_a_time(parts: Parts) -> None:
    async with doors.client(make(parts), await doors.token(parts, CLINIC)) as door:
        answer = await door.post(
            "/v1/events?dry_run=true", content=b"1\n" * 5000, headers={"Content-Type": Mode.STREAM}
        )
    assert [orjson.loads(line)["row"] for line in answer.content.splitlines()] == list(range(5000))
