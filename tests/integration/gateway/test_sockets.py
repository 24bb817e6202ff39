"""The gateway on a real socket: callers who are slow, who do not read, and who wait for answers in between."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import orjson
import pytest

from services.gateway import guard, protocol
from services.gateway.cloudevents import Mode
from services.gateway.parts import Parts
from services.runtime.settings import Settings
from tests.support import doors
from tests.support.admitting import CLINIC, registered, requested
from tests.support.wait import until

PATIENCE = 30.0


@pytest.fixture
async def bearer(parts: Parts) -> str:
    return await doors.token(parts, CLINIC)


@pytest.fixture
async def port(settings: Settings, parts: Parts) -> AsyncIterator[int]:
    async with doors.listening(settings) as chosen:
        yield chosen


async def for_ever(say: Callable[[bytes], Awaitable[None]], text: bytes) -> None:
    while True:
        await say(text)


async def test_stream_answers_a_row_before_the_next_one_comes(port: int, bearer: str) -> None:
    async with asyncio.timeout(PATIENCE), doors.wire(port) as wire:
        await wire.begin(bearer, Mode.STREAM)
        assert await wire.head() == 200
        for number, row in enumerate((registered("c", "own:1"), requested("r", "own:r", "own:1"))):
            await wire.chunk(row[:20])
            await wire.chunk(row[20:] + b"\n")
            told = orjson.loads(await wire.piece())
            assert (told["row"], told["ok"]) == (number, True)
        await wire.say(b"0\r\n\r\n")
        assert await wire.piece() == b""


async def test_line_without_end_is_answered_and_costs_no_memory(port: int, bearer: str) -> None:
    async with asyncio.timeout(PATIENCE), doors.wire(port) as wire:
        await wire.begin(bearer, Mode.STREAM)
        await wire.head()
        for _ in range(64):
            await wire.chunk(b"x" * (64 << 10))
        assert orjson.loads(await wire.piece())["code"] == "too-large"
        await wire.chunk(b"\n" + registered("c", "own:1") + b"\n")
        assert orjson.loads(await wire.piece())["ok"]


async def test_who_does_not_read_is_not_read(port: int, bearer: str) -> None:
    rows = b"no\n" * 20_000
    async with asyncio.timeout(PATIENCE), doors.wire(port) as wire:
        await wire.begin(bearer, Mode.STREAM)
        await wire.head()
        sent = 0

        async def said() -> None:
            nonlocal sent
            while sent < 64 << 20:
                await wire.chunk(rows)
                sent += len(rows)

        saying = asyncio.create_task(said())
        seen: list[int] = []

        def stands() -> bool:
            seen.append(sent)
            return len(seen) > 100 and set(seen[-100:]) == {sent}

        await until(stands, PATIENCE, "the sender is held up")
        assert sent < 32 << 20
        saying.cancel()


@pytest.mark.parametrize("name", ["READ_S", "HEAD_S"])
async def test_who_never_reads_is_cut_off(port: int, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(guard if name == "READ_S" else protocol, name, 0.2)
    ask = b"GET /v1/openapi.json HTTP/1.1\r\nHost: door\r\n\r\n"
    asked = 200 if name == "READ_S" else 1
    async with asyncio.timeout(PATIENCE), doors.wire(port) as wire:
        wire.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        wire.reader._transport.pause_reading()  # type: ignore[attr-defined]
        await wire.say(ask * asked + b"GET ")

        async def cut_off() -> bool:
            try:
                await wire.say(b"x")
            except ConnectionError:
                return True
            return False

        await until(cut_off, PATIENCE, "the connection is cut")


async def test_head_that_does_not_come_is_not_waited_for(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_S", 0.2)
    async with asyncio.timeout(PATIENCE), doors.wire(port) as wire:
        await wire.say(b"POST /v1/events HTTP/1.1\r\nHost: ")
        assert await wire.closed() == b""


async def test_head_without_end_is_cut_off(port: int) -> None:
    async with asyncio.timeout(PATIENCE), doors.wire(port) as wire:
        await wire.say(b"GET /v1/codes HTTP/1.1\r\n")
        with pytest.raises(ConnectionError):
            await for_ever(wire.say, b"X-Long: " + b"x" * 4000 + b"\r\n")


async def test_body_that_does_not_come_is_not_waited_for(
    port: int, bearer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "BODY_S", 0.3)
    async with asyncio.timeout(PATIENCE), doors.wire(port) as wire:
        await wire.begin(bearer, Mode.STRUCTURED)
        await wire.chunk(b"{")
        assert await wire.head() == 408
        assert b'"too-slow"' in await wire.closed()


async def test_larger_body_than_may_be_is_refused_before_it_came(port: int, bearer: str) -> None:
    async with asyncio.timeout(PATIENCE), doors.wire(port) as wire:
        await wire.begin(bearer, Mode.STRUCTURED)
        with pytest.raises(ConnectionError):
            await for_ever(wire.chunk, b" " * (64 << 10))
