"""A stream's chunks on their way: the next is parsed and judged while earlier ones wait for the log."""

import asyncio
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from typing import Any

from services.admission.chunk import Chunk, cut
from services.admission.result import Result

Waiting = deque[asyncio.Task[list[Result]]]


async def cut_all(batches: AsyncIterable[Sequence[bytes]]) -> AsyncIterator[Chunk]:
    """Yield the chunks; the next one of a batch is parsed while one is judged, and nothing is read for it."""
    first = 0
    async for rows in batches:
        chunks = cut(rows, first)
        coming = asyncio.ensure_future(anext(chunks, None))
        while (chunk := await coming) is not None:
            coming = asyncio.ensure_future(anext(chunks, None))
            yield chunk
        first += len(rows)


async def meanwhile(coming: "asyncio.Future[Chunk | None]", waiting: Waiting) -> AsyncIterator[list[Result]]:
    """Yield each chunk's results as they come, in order, until the next chunk is there."""
    while waiting and not coming.done():
        ends: set[asyncio.Future[Any]] = {coming, waiting[0]}
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        if waiting[0].done():
            yield await waiting.popleft()


async def answered(waiting: Waiting, most: int) -> AsyncIterator[list[Result]]:
    """Yield each chunk's results that are there, in order; wait for those before the last `most` chunks."""
    while waiting and (len(waiting) > most or waiting[0].done()):
        yield await waiting.popleft()
