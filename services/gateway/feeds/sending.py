"""A live feed on the wire: server-sent events, each with the cursor of one who has seen it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import orjson
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from events.codes import CODES
from services.gateway.feeds.cursors import Cursors
from services.gateway.feeds.live import Live
from services.gateway.feeds.shapes import shown
from services.gateway.feeds.stream import Stream
from services.gateway.guard import LIVE
from services.gateway.protocol import CUT
from services.notifications.feed import Entry

MEDIA = "text/event-stream"
#: Milliseconds after which a reader that was cut off comes back.
RETRY_MS = 2000
BEAT = b":\n\n"
#: Why a stream ended whose reader is not there to be told.
GONE, SLOW = "gone", "slow"


class Sending(Response):
    """Sends what a stream gives until it ends, its reader leaves, or its reader does not read."""

    def __init__(self, live: Live, stream: Stream, cursors: Cursors) -> None:
        super().__init__(media_type=MEDIA, headers={"X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._live = live
        self._stream = stream
        self._cursors = cursors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})[LIVE] = True
        watching = asyncio.create_task(self._watched(receive))
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            async with aclosing(self._pieces()) as pieces:
                async for piece in pieces:
                    await self._sent(scope, send, {"type": "http.response.body", "body": piece, "more_body": True})
            if self._stream.over == SLOW:
                # It is cut off: nothing can be sent, and once that is noticed nothing is expected.
                await watching
            elif self._stream.over != GONE:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            watching.cancel()
            self._live.leave(self._stream)
            self._live.telemetry.streams_ended.labels(self._stream.over or GONE).inc()

    async def _watched(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._stream.end(GONE)

    async def _sent(self, scope: Scope, send: Send, message: Message) -> None:
        try:
            async with asyncio.timeout(self._live.settings.feed_patience):
                await send(message)
        except TimeoutError:
            self._stream.end(SLOW)
            scope["extensions"][CUT]()

    async def _pieces(self) -> AsyncGenerator[bytes, None]:
        stream, beat = self._stream, self._live.settings.feed_heartbeat
        # An event without data moves nothing but the place to come back to.
        yield b"retry: %d\nid: %s\n\n" % (RETRY_MS, self._place())
        while stream.over is None:
            entries = await self._live.next(stream)
            if entries:
                yield b"".join(map(self._told, entries))
            elif not stream.behind and not await stream.wait(beat):
                yield BEAT
        if stream.over not in (GONE, SLOW):
            said = {"code": stream.over, "title": CODES[stream.over].text}
            yield b"event: end\ndata: %s\n\n" % orjson.dumps(said)

    def _told(self, entry: Entry) -> bytes:
        self._stream.cursor = self._stream.cursor.after([entry])
        return b"id: %s\nevent: entry\ndata: %s\n\n" % (self._place(), orjson.dumps(shown(entry)))

    def _place(self) -> bytes:
        return self._cursors.write(self._stream.cursor).encode()
