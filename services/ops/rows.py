"""NDJSON in, in constant memory: a file or a pipe as batches of rows."""

import asyncio
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import typer

from services.admission.scan import LARGEST
from services.ops.errors import InputUnreadable

#: Bytes read at once; a pipe gives what it has.
READ = 4 << 20


class Rows:
    """The rows of a stream; blank lines say nothing.  `line` tells where each row stood, in order, once."""

    def __init__(self, stream: BinaryIO, read: Callable[[int], None] = lambda _: None) -> None:
        """`read` is told the bytes read so far."""
        self._stream = stream
        self._told = read
        self._lines: deque[int] = deque()
        self._line = 0
        self._rest = b""
        #: Within a line that is longer than any row may be: its end is thrown away.
        self._over = False

    def line(self) -> int:
        """Return the line number, from 1, of the next row in order."""
        return self._lines.popleft()

    async def batches(self) -> AsyncIterator[list[bytes]]:
        """Yield the rows as they come; another thread waits for them, so that what was sent can be acknowledged.

        Raises InputUnreadable.
        """
        read = 0
        while data := await asyncio.to_thread(self._read):
            read += len(data)
            self._told(read)
            rows = list(self._split(data))
            if rows:
                yield rows
        last = list(self._row(self._rest))
        if last:
            yield last

    def _read(self) -> bytes:
        try:
            found: bytes = self._stream.read1(READ) if hasattr(self._stream, "read1") else self._stream.read(READ)
        except OSError as error:
            raise InputUnreadable(error.strerror or type(error).__name__) from None
        return found

    def _split(self, data: bytes) -> Iterator[bytes]:
        *whole, self._rest = (self._rest + data).split(b"\n")
        for line in whole:
            yield from self._row(line)
        if len(self._rest) > LARGEST:
            yield from self._row(self._rest)
            self._line -= 1
            self._rest, self._over = b"", True

    def _row(self, line: bytes) -> Iterator[bytes]:
        self._line += 1
        if self._over:
            self._over = False
        elif line.strip():
            self._lines.append(self._line)
            yield line[: LARGEST + 1]


@contextmanager
def stream_of(source: str) -> Iterator[BinaryIO]:
    """Give the file of this name to read, or standard input for `-`.  Raises BadParameter and InputUnreadable."""
    if source == "-":
        yield sys.stdin.buffer
        return
    path = Path(source)
    if not path.is_file():
        raise typer.BadParameter(f"there is no file {source}")
    try:
        stream = path.open("rb")
    except OSError as error:
        raise InputUnreadable(error.strerror or type(error).__name__) from None
    with stream:
        yield stream
