"""An answer that begins while its request is still being read."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from starlette.responses import Response
from starlette.types import Receive, Scope, Send


class Streaming(Response):
    """Sends pieces as they are made.  It leaves the request's body to them, and so learns of a hang-up by sending."""

    def __init__(self, pieces: AsyncGenerator[bytes, None], media: str) -> None:
        super().__init__(media_type=media)
        del self.headers["content-length"]
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async with aclosing(self._pieces) as pieces:
            async for piece in pieces:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
