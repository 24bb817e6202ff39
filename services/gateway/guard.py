"""Around every route: limits on size, time and number, headers that protect, one log line and the metrics."""

import asyncio
import time
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.problems import ProblemError, answer
from services.gateway.protocol import CUT
from services.gateway.shares import Shares, party
from services.gateway.telemetry import Telemetry, known
from services.runtime import logging

#: Requests that may be under way at once.
MOST = 1000
#: Bytes of a body, and seconds in which all of it must have come; streams are bound by their idle time alone.
BODY, BODY_S, IDLE_S = 10 << 20, 30.0, 120.0
#: Seconds that a caller may take to read the next piece of an answer.
READ_S = 120.0
#: Bytes of bodies that may be held for all requests together, and what a stream counts for.
HELD, STREAM_SHARE = 96 << 20, 4 << 20
#: A mark in the request's state: its body has no end that is known beforehand.
STREAMS = "streams"
#: A mark in the request's state: its answer has no end, so that nothing more is expected of the caller.
LIVE = "live"
#: In the request's state: what counts further bytes as held for it.
HOLD = "hold"

log = logging.get(__name__)

HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


class Guard:
    """Wraps the whole application; what it adds is on every answer, those to failures too."""

    def __init__(self, app: ASGIApp, telemetry: Telemetry, most: int = MOST) -> None:
        self._app = app
        self._telemetry = telemetry
        self._most = most
        self._under_way = 0
        self._held = Shares(HELD)
        self._coming = Shares(most)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = Exchange(scope, receive, send, self._held, self._coming)
        structlog.contextvars.bind_contextvars(request=exchange.id)
        self._under_way += 1
        self._telemetry.in_flight.set(self._under_way)
        try:
            await self._handled(exchange)
        finally:
            exchange.let_go()
            self._under_way -= 1
            self._telemetry.in_flight.set(self._under_way)
            self._told(exchange)

    async def _handled(self, exchange: "Exchange") -> None:
        if self._under_way > self._most:
            full = answer(ProblemError(503, "overloaded", headers={"Retry-After": "1"}))
            await full(exchange.scope, exchange.receive, exchange.send)
            return
        await self._app(exchange.scope, exchange.receive, exchange.send)

    def _told(self, exchange: "Exchange") -> None:
        seconds = time.monotonic() - exchange.began
        self._telemetry.answered(exchange.method, exchange.route, exchange.status, seconds)
        log.info(
            "request",
            method=known(exchange.method),
            route=exchange.route,
            status=exchange.status,
            ms=round(seconds * 1000, 1),
            caller=exchange.state.get("credential"),
        )


class Exchange:
    """One request and its answer, within limits."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, held: Shares, coming: Shares) -> None:
        self.id = str(uuid4())
        self.scope = scope
        self.state: dict[str, Any] = scope.setdefault("state", {})
        self.state["request_id"] = self.id
        self.method: str = scope["method"]
        #: 0 while nothing was answered.
        self.status = 0
        self.began = time.monotonic()
        self._receive = receive
        self._send = send
        self._size = 0
        #: Bytes held for all requests, and requests of which more is to come.
        self._held = held
        self._coming = coming
        self._holds = 0
        self._party = ""
        self.state[HOLD] = self.hold

    @property
    def route(self) -> str:
        """The template that the path matched; paths themselves may name somebody."""
        included = self.scope.get("fastapi", {}).get("effective_route_context")
        return getattr(included or self.scope.get("route"), "path", "unmatched")

    def hold(self, size: int) -> None:
        """Count bytes as held until the answer is whole.

        Raises ProblemError when there are too many of all, or of whoever calls.
        """
        now, before = party(self.state), self._holds
        if now != self._party:
            # Who calls was not known when the first of them came.
            self.let_go()
            self._party, size = now, size + before
        self._held.take(size, now)
        self._holds += size

    def let_go(self) -> None:
        """Count nothing any more."""
        self._held.give(self._holds, self._party)
        self._holds = 0

    async def receive(self) -> Message:
        """Give the next piece of the body.  Raises ProblemError when there is too much of it or it comes too slowly."""
        streams = self.state.get(STREAMS, False)
        message = await self._next(IDLE_S if streams or self.status else self.began + BODY_S - time.monotonic())
        size = len(message.get("body", b""))
        self._size += size
        if streams:
            self.hold(STREAM_SHARE - self._holds)
        elif self._size > BODY:
            raise ProblemError(413, "body-too-large", headers={"Connection": "close"})
        else:
            self.hold(size)
        return message

    async def _next(self, left: float) -> Message:
        if self.state.get(LIVE, False):
            return await self._receive()
        with self._coming.one(party(self.state)):
            try:
                async with asyncio.timeout(left):
                    return await self._receive()
            except TimeoutError:
                raise ProblemError(408, "too-slow", headers={"Connection": "close"}) from None

    async def send(self, message: Message) -> None:
        """Pass on a piece of the answer.  Raises TimeoutError when the caller does not read."""
        if message["type"] == "http.response.start":
            self.status = int(message["status"])
            message["headers"] = [*message.get("headers", ()), *self._missing(message.get("headers", ()))]
        try:
            async with asyncio.timeout(READ_S):
                await self._send(message)
        except TimeoutError:
            # Closed in order the connection would stay until all of the answer is read.
            self.scope.get("extensions", {}).get(CUT, lambda: None)()
            raise

    def _missing(self, given: Iterable[tuple[bytes, bytes]]) -> Iterable[tuple[bytes, bytes]]:
        names = {name.lower() for name, _ in given}
        protecting = ((name.encode(), value.encode()) for name, value in HEADERS.items())
        yield from (each for each in protecting if each[0] not in names)
        yield b"x-request-id", self.id.encode()
