"""HTTP/1.1 on a socket, for callers who may be slow on purpose: a request's head has little time and room."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: Seconds in which a head must have come, and bytes that it may have.
HEAD_S, HEAD = 10.0, 64 << 10
#: An extension of the scope: ends the connection at once, whatever of the answer was not read.
CUT = "manyhands.cut"


class Protocol(HttpToolsProtocol):
    """Closes connections whose request does not begin properly; what follows the head is the application's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deadline: asyncio.TimerHandle | None = None
        self._in_head = True
        self._size = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_head:
            self._size += len(data)
            if self._size > HEAD:
                self._close()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._begin()

    def on_headers_complete(self) -> None:
        self._end()
        extensions: dict[str, Any] = {CUT: self.transport.abort}
        self.scope["extensions"] = extensions
        super().on_headers_complete()

    def _begin(self) -> None:
        self._end()
        self._in_head, self._size = True, 0
        self._deadline = self.loop.call_later(HEAD_S, self._close)

    def _end(self) -> None:
        self._in_head = False
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def timeout_keep_alive_handler(self) -> None:
        self._close()

    def _close(self) -> None:
        if self.transport.is_closing():
            return
        if self.transport.get_write_buffer_size():
            # Closing would wait until it is read, which whoever does not read can put off for ever.
            self.transport.abort()
        else:
            self.transport.close()
