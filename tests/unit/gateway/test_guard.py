"""Limits around the application: on number, on bytes held, and on methods nobody has heard of."""

import asyncio
import logging
from io import StringIO

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from services.gateway import guard
from services.gateway.guard import Guard
from services.gateway.problems import ProblemError
from services.gateway.telemetry import Telemetry
from services.runtime.logging import configure


class Caller:
    """One request to an application, and what comes back."""

    def __init__(self, *pieces: bytes, method: str = "POST") -> None:
        self.pieces = [*pieces]
        self.scope: Scope = {
            "type": "http",
            "method": method,
            "path": "/Quillfeather",
            "headers": [],
            "query_string": b"",
        }
        self.sent: list[Message] = []

    async def receive(self) -> Message:
        piece = self.pieces.pop(0) if self.pieces else b""
        return {"type": "http.request", "body": piece, "more_body": bool(self.pieces)}

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    async def __call__(self, app: Guard) -> int:
        await app(self.scope, self.receive, self.send)
        return int(self.sent[0]["status"])


async def reading(scope: Scope, receive: Receive, send: Send) -> None:
    body = await Request(scope, receive).body()
    await PlainTextResponse(str(len(body)))(scope, receive, send)


async def test_more_than_may_be_under_way_are_refused_at_once() -> None:
    gate = asyncio.Event()

    async def waiting(scope: Scope, receive: Receive, send: Send) -> None:
        await gate.wait()
        await reading(scope, receive, send)

    app = Guard(waiting, Telemetry(), most=2)
    held = [asyncio.create_task(Caller()(app)) for _ in range(2)]
    await asyncio.sleep(0)
    assert await Caller()(app) == 503
    gate.set()
    assert await asyncio.gather(*held) == [200, 200]
    assert await Caller()(app) == 200


async def test_bytes_held_for_all_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = asyncio.Event()

    async def waiting(scope: Scope, receive: Receive, send: Send) -> None:
        await Request(scope, receive).body()
        await gate.wait()
        await PlainTextResponse("")(scope, receive, send)

    app = Guard(waiting, Telemetry())
    piece = b"x" * (guard.HELD // 10)
    first = asyncio.create_task(Caller(*[piece] * 1)(app))
    more = [asyncio.create_task(Caller(piece)(app)) for _ in range(9)]
    for _ in range(3):
        await asyncio.sleep(0)
    with pytest.raises(ProblemError) as raised:
        await Caller(piece)(app)
    assert raised.value.code == "overloaded"
    gate.set()
    await asyncio.gather(first, *more)
    assert await Caller(piece)(app) == 200


async def test_line_and_metrics_name_templates_and_no_paths() -> None:
    stream, telemetry = StringIO(), Telemetry()
    before = logging.getLogger().handlers[:], logging.getLogger().level
    configure("json", "info", stream)
    try:
        await Caller(method="QUILLFEATHER")(Guard(reading, telemetry))
    finally:
        logging.getLogger().handlers[:], level = before
        logging.getLogger().setLevel(level)
    written = stream.getvalue() + telemetry.text().decode()
    assert '"route": "unmatched"' in written
    assert "quillfeather" not in written.lower()
