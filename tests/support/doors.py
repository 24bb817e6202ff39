"""The HTTP door over a real log, for tests: parts, callers with tokens, and requests in few words."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import httpx
import orjson
from fastapi import FastAPI

from projections.projection import Projection
from projections.referral import REFERRAL
from services.gateway.access import Action
from services.gateway.app import make
from services.gateway.parts import Parts
from services.gateway.serve import Gateway
from services.gateway.tokens import Holder
from services.runtime.processor import Processor
from services.runtime.settings import Settings
from tests.support.events import INITIATIVE
from tests.support.wait import until

ALL = frozenset(each.value for each in Action)


async def token(
    parts: Parts, partner: str, person: str | None = None, scopes: Iterable[str] = ALL, initiative: str = INITIATIVE
) -> str:
    """Return a token that was just issued to the partner."""
    return (await parts.tokens.issue(Holder(initiative, partner, person, frozenset(scopes)))).text


@asynccontextmanager
async def client(app: FastAPI, bearer: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client that speaks to the application in this process; the application's failures are answers."""
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://door", headers=headers) as made:
        yield made


@asynccontextmanager
async def partner(parts: Parts, name: str, person: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client that speaks for the partner with every scope."""
    async with client(make(parts), await token(parts, name, person)) as made:
        yield made


@asynccontextmanager
async def folding(settings: Settings, projection: Projection = REFERRAL) -> AsyncIterator[Processor]:
    """Fold the cases in this process while the block runs."""
    processor = Processor(projection, settings)
    task = asyncio.create_task(processor.run())
    try:
        await until(lambda: task.done() or processor.health().ready)
        assert not task.done(), task.result()
        yield processor
    finally:
        processor.stop()
        await task


@asynccontextmanager
async def listening(settings: Settings) -> AsyncIterator[int]:
    """Run the gateway on a socket of its own while the block runs; give the API's port."""
    gateway = Gateway(settings)
    task = asyncio.create_task(gateway.run())
    try:
        await until(lambda: task.done() or gateway.health().ready)
        assert not task.done(), task.result()
        yield orjson.loads((settings.home / "run" / f"gateway-{os.getpid()}.json").read_bytes())["api"]
    finally:
        gateway.stop()
        await task


class Wire:
    """A connection on which a test says what it likes, when it likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def say(self, text: bytes) -> None:
        self.writer.write(text)
        await self.writer.drain()

    async def begin(self, bearer: str, media: str, **headers: str) -> None:
        """Begin a POST whose body comes in chunks."""
        lines = [
            "POST /v1/events HTTP/1.1",
            "Host: door",
            f"Authorization: Bearer {bearer}",
            f"Content-Type: {media}",
            "Transfer-Encoding: chunked",
            *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
        ]
        await self.say("\r\n".join([*lines, "", ""]).encode())

    async def chunk(self, piece: bytes) -> None:
        await self.say(b"%x\r\n%s\r\n" % (len(piece), piece))

    async def head(self) -> int:
        """Read an answer's head and return its status."""
        lines = (await self.reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
        return int(lines[0].split()[1])

    async def piece(self) -> bytes:
        """Read one chunk of an answer; empty at its end."""
        size = int(await self.reader.readuntil(b"\r\n"), 16)
        return (await self.reader.readexactly(size + 2))[:-2]

    async def closed(self) -> bytes:
        """Return what still comes until the connection is closed from there."""
        return await self.reader.read()


@asynccontextmanager
async def wire(port: int) -> AsyncIterator[Wire]:
    """Give a connection to the gateway."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Wire(reader, writer)
    finally:
        writer.transport.abort()
