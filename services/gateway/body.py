"""A request's body: all of a small one, or the lines of one without end, in memory that does not grow."""

import asyncio
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterator

from fastapi import Request

from services.admission.scan import LARGEST
from services.gateway.guard import BODY, HOLD
from services.gateway.problems import ProblemError

#: Bytes that one piece of a compressed body is unpacked to at most.
PIECE = 256 << 10
#: Bytes of whole lines that may wait to be admitted; beyond, the socket is not read.
WAITING = 1 << 20
#: What a line costs beside its bytes, and lines that are handed on at once: many may be next to nothing.
LINE, AT_ONCE = 64, 2000
#: Stands for a line longer than any row may be: its length alone has it turned away.
OVERLONG = b" " * (LARGEST + 1)
_GZIP = 31


async def whole(request: Request, most: int = BODY) -> bytes:
    """Return the body.  Raises ProblemError when it is larger than `most` bytes, unpacked."""
    said = request.headers.get("content-length", "0")
    if said.isdecimal() and int(said) > most:
        raise _too_large()
    pieces: list[bytes] = []
    size = 0
    async for piece in pieces_of(request):
        size += len(piece)
        if size > most:
            raise _too_large()
        if "content-encoding" in request.headers:
            request.scope["state"][HOLD](len(piece))
        pieces.append(piece)
    return b"".join(pieces)


def _too_large() -> ProblemError:
    return ProblemError(413, "body-too-large", headers={"Connection": "close"})


async def pieces_of(request: Request) -> AsyncIterator[bytes]:
    """Yield the body as it comes, unpacked where it is compressed.  Raises ProblemError for an unknown coding."""
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip"):
        raise ProblemError(415, "unsupported-media-type", headers={"Accept-Encoding": "gzip, identity"})
    unpacking = None if coding == "identity" else zlib.decompressobj(_GZIP)
    async for packed in request.stream():
        if unpacking is None:
            yield packed
            continue
        for piece in _unpacked(unpacking, packed):
            yield piece
    if unpacking is not None and not unpacking.eof:
        raise ProblemError(400, "bad-request", "the compressed body ends before its end")


def _unpacked(unpacking: "zlib._Decompress", packed: bytes) -> Iterator[bytes]:
    """Yield what comes of the bytes, a bounded piece at a time: a little may stand for very much."""
    while packed:
        try:
            piece = unpacking.decompress(packed, PIECE)
        except zlib.error:
            raise ProblemError(400, "bad-request", "the compressed body cannot be unpacked") from None
        if unpacking.unused_data:
            raise ProblemError(400, "bad-request", "the compressed body goes on after its end")
        packed = unpacking.unconsumed_tail
        if piece:
            yield piece


class Lines:
    """Cuts pieces into lines; a line that is too long stands as OVERLONG and is thrown away as it comes."""

    def __init__(self) -> None:
        self._rest = b""
        self._over = False

    def take(self, piece: bytes) -> list[bytes]:
        """Return the lines that the piece completes, without those that are blank."""
        *whole_lines, rest = piece.split(b"\n")
        found: list[bytes] = []
        for line in whole_lines:
            found += self._line(self._rest + line)
            self._rest = b""
        self._rest += rest
        if len(self._rest) > LARGEST:
            found += [] if self._over else [OVERLONG]
            self._rest, self._over = b"", True
        return found

    def last(self) -> list[bytes]:
        """Return the line that nothing ended, if there is one."""
        return self._line(self._rest)

    def _line(self, line: bytes) -> list[bytes]:
        if self._over:
            self._over = False
            return []
        if len(line) > LARGEST:
            return [OVERLONG]
        return [line] if line.strip() else []


class Feed:
    """A body's lines, read ahead while earlier ones are admitted: whatever has come goes on together."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._lines: list[bytes] = []
        self._size = 0
        self._changed = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None
        self._halted = False

    def halt(self) -> None:
        """Read no further: what has come and was not handed on is forgotten."""
        self._halted = True
        self._changed.set()

    async def batches(self) -> AsyncGenerator[list[bytes], None]:
        """Yield lines as they come.  Raises what reading the body raises, after the lines before it."""
        self._reading = asyncio.create_task(self._read())
        try:
            while not self._halted and (self._lines or not self._reading.done()):
                await self._some(self._reading)
                lines, self._lines, self._size = self._lines, [], 0
                self._changed.set()
                for first in range(0, len(lines), AT_ONCE):
                    if not self._halted:
                        yield lines[first : first + AT_ONCE]
            if not self._halted:
                await self._reading
        finally:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    async def _some(self, reading: "asyncio.Task[None]") -> None:
        while not (self._lines or reading.done() or self._halted):
            self._changed.clear()
            await self._changed.wait()

    async def _read(self) -> None:
        lines = Lines()
        try:
            async for piece in pieces_of(self._request):
                self._put(lines.take(piece))
                while self._size > WAITING:
                    self._changed.clear()
                    await self._changed.wait()
            self._put(lines.last())
        finally:
            self._changed.set()

    def _put(self, lines: list[bytes]) -> None:
        self._lines += lines
        self._size += sum(map(len, lines)) + LINE * len(lines)
        if lines:
            self._changed.set()
