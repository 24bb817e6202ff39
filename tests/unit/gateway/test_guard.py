"""Limits around the application: on number, on bytes held, and on methods nobody has heard of."""

import asyncio
import logging
from io import StringIO

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from services.gateway import guard, shares
from services.gateway.guard import Guard
from services.gateway.limits import ADDRESS
from services.gateway.principal import Kind, Principal
from services.gateway.problems import ProblemError
from services.gateway.telemetry import Telemetry
from services.runtime.logging import configure


class Caller:
    """One request to an application, and what comes back."""

    def __init__(self, *pieces: bytes, method: str = "POST", address: str = "") -> None:
        self.pieces = [*pieces]
        self.scope: Scope = {
            "state": {ADDRESS: address},
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


async def test_bytes_held_for_all_are_bounded() -> None:
    gate = asyncio.Event()

    async def waiting(scope: Scope, receive: Receive, send: Send) -> None:
        await Request(scope, receive).body()
        await gate.wait()
        await PlainTextResponse("")(scope, receive, send)

    app = Guard(waiting, Telemetry())
    piece = b"x" * (guard.HELD // 10)
    held = [asyncio.create_task(Caller(piece, address=str(number // 2))(app)) for number in range(10)]
    for _ in range(3):
        await asyncio.sleep(0)
    with pytest.raises(ProblemError) as raised:
        await Caller(piece)(app)
    assert raised.value.code == "overloaded"
    gate.set()
    await asyncio.gather(*held)
    assert await Caller(piece)(app) == 200


async def test_one_address_leaves_room_for_others() -> None:
    gate = asyncio.Event()

    async def waiting(scope: Scope, receive: Receive, send: Send) -> None:
        await Request(scope, receive).body()
        await gate.wait()
        await PlainTextResponse("")(scope, receive, send)

    app = Guard(waiting, Telemetry())
    piece = b"x" * (guard.HELD // 10)
    held = [asyncio.create_task(Caller(piece, address="greedy")(app)) for _ in range(20)]
    for _ in range(3):
        await asyncio.sleep(0)
    other = asyncio.create_task(Caller(piece, address="other")(app))
    gate.set()
    assert await other == 200
    found = await asyncio.gather(*held, return_exceptions=True)
    assert [each for each in found if not isinstance(each, ProblemError)] == [200] * 2
    assert {each.code for each in found if isinstance(each, ProblemError)} == {"rate-limited"}


async def test_what_a_partner_holds_counts_as_its_own_once_it_is_known() -> None:
    counts: list[int] = []

    async def knowing(scope: Scope, receive: Receive, send: Send) -> None:
        who = Principal(Kind.PARTNER_SYSTEM, "riverbend", "clinic")
        await receive()
        shares.known(scope["state"], who)
        await receive()
        counts.append(app._held._held[f"{who.initiative}/{who.partner}"])
        await PlainTextResponse("")(scope, receive, send)

    app = Guard(knowing, Telemetry())
    assert await Caller(b"1234", b"567", address="somewhere")(app) == 200
    assert counts == [7]
    assert not app._held._held


async def test_one_address_whose_bodies_do_not_come_leaves_room_for_others() -> None:
    gate = asyncio.Event()

    class Slow(Caller):
        async def receive(self) -> Message:
            await gate.wait()
            return await super().receive()

    app = Guard(reading, Telemetry(), most=8)
    slow = [asyncio.create_task(Slow(b"", address="greedy")(app)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(ProblemError) as raised:
        await Slow(b"", address="greedy")(app)
    assert raised.value.code == "rate-limited"
    assert await Caller(b"", address="other")(app) == 200
    gate.set()
    assert await asyncio.gather(*slow) == [200, 200]


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
