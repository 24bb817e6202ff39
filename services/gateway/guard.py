"""Around every route: limits on size, time and number, headers that protect, one log line and the metrics."""

import asyncio
import time
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.problems import ProblemError, answer
from services.gateway.telemetry import Telemetry
from services.runtime import logging

#: Requests that may be under way at once.
MOST = 1000
#: Bytes of a body, and seconds in which all of it must have come; streams are bound by their idle time alone.
BODY, BODY_S, IDLE_S = 10 << 20, 30.0, 120.0
#: Seconds that a caller may take to read the next piece of an answer.
READ_S = 120.0
#: A mark in the request's state: its body has no end that is known beforehand.
STREAMS = "streams"

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

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = Exchange(scope, receive, send)
        structlog.contextvars.bind_contextvars(request=exchange.id)
        self._under_way += 1
        self._telemetry.in_flight.set(self._under_way)
        try:
            await self._handled(exchange)
        finally:
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
            method=exchange.method if exchange.method.isalpha() and len(exchange.method) < 10 else "other",
            route=exchange.route,
            status=exchange.status,
            ms=round(seconds * 1000, 1),
            caller=exchange.state.get("credential"),
        )


class Exchange:
    """One request and its answer, within limits."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
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

    @property
    def route(self) -> str:
        """The template that the path matched; paths themselves may name somebody."""
        return getattr(self.scope.get("route"), "path", "unmatched")

    async def receive(self) -> Message:
        """Give the next piece of the body.  Raises ProblemError when there is too much of it or it comes too slowly."""
        streams = self.state.get(STREAMS, False)
        left = IDLE_S if streams or self.status else self.began + BODY_S - time.monotonic()
        try:
            async with asyncio.timeout(left):
                message = await self._receive()
        except TimeoutError:
            raise ProblemError(408, "too-slow", headers={"Connection": "close"}) from None
        self._size += len(message.get("body", b""))
        if self._size > BODY and not streams:
            raise ProblemError(413, "body-too-large", headers={"Connection": "close"})
        return message

    async def send(self, message: Message) -> None:
        """Pass on a piece of the answer.  Raises TimeoutError when the caller does not read."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), *self._missing(message.get("headers", ()))]
        async with asyncio.timeout(READ_S):
            await self._send(message)

    def _missing(self, given: Iterable[tuple[bytes, bytes]]) -> Iterable[tuple[bytes, bytes]]:
        names = {name.lower() for name, _ in given}
        protecting = ((name.encode(), value.encode()) for name, value in HEADERS.items())
        yield from (each for each in protecting if each[0] not in names)
        yield b"x-request-id", self.id.encode()
