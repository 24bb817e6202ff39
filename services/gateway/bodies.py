"""Bodies that are still to come: so many at once from one address, seen to before anything is read or looked up."""

from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.limits import ADDRESS
from services.gateway.problems import ProblemError, answer
from services.gateway.shares import Shares
from services.gateway.telemetry import Telemetry

#: Requests whose body has not come to its end: of everybody, and of one address.
EVERYBODY, ADDRESS_SHARE = 1000, 100


class Bodies:
    """Around the application: whoever sends many bodies slowly is told so at once, for next to nothing."""

    def __init__(self, app: ASGIApp, telemetry: Telemetry) -> None:
        self._app = app
        self._telemetry = telemetry
        self._coming = Shares(EVERYBODY, ADDRESS_SHARE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not brings_body(scope["headers"]):
            await self._app(scope, receive, send)
            return
        try:
            coming = Coming(self._coming, scope["state"][ADDRESS], receive)
        except ProblemError as error:
            self._telemetry.limited.labels("bodies").inc()
            await answer(error)(scope, receive, send)
            return
        try:
            await self._app(scope, coming.receive, send)
        finally:
            coming.end()


class Coming:
    """One body, counted until its end.  Raises ProblemError when its address has too many on their way."""

    def __init__(self, all_: Shares, address: str, receive: Receive) -> None:
        all_.take(1, address)
        self._all = all_
        self._address = address
        self._receive = receive
        self._counts = True

    async def receive(self) -> Message:
        """Give the next piece of it."""
        message = await self._receive()
        if not message.get("more_body", False):
            self.end()
        return message

    def end(self) -> None:
        """Count it no more."""
        if self._counts:
            self._counts = False
            self._all.give(1, self._address)


def brings_body(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Say whether a request's head says that there is a body behind it."""
    return any(name == b"transfer-encoding" or (name == b"content-length" and value != b"0") for name, value in headers)
