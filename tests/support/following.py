"""A reader of a live feed, for tests: server-sent events as a browser reads them, and what it has seen."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson

LIVE = "/v1/feed/live"


@dataclass
class Heard:
    """One event that was dispatched."""

    id: str
    kind: str
    data: Any


@dataclass
class Reader:
    """Reads a stream by the rules of server-sent events; `last` is where it resumes."""

    last: str = ""
    retry: int | None = None
    beats: int = 0
    #: What the stream ended with, if it said so.
    ended: str | None = None
    entries: list[dict[str, Any]] = field(default_factory=list)

    @property
    def events(self) -> list[str]:
        return [each["event"] for each in self.entries]

    def headers(self) -> dict[str, str]:
        return {"Last-Event-ID": self.last} if self.last else {}

    async def read(self, answer: httpx.Response) -> None:
        """Take in the stream to its end, however that comes about."""
        fields: dict[str, str] = {}
        async for line in answer.aiter_lines():
            if not line:
                self._dispatch(fields)
                fields = {}
            elif line.startswith(":"):
                self.beats += 1
            else:
                name, _, value = line.partition(":")
                fields[name] = value.removeprefix(" ")

    def _dispatch(self, fields: dict[str, str]) -> None:
        self.last = fields.get("id", self.last)
        if "retry" in fields:
            self.retry = int(fields["retry"])
        if fields.get("event") == "entry":
            self.entries.append(orjson.loads(fields["data"]))
        elif fields.get("event") == "end":
            self.ended = orjson.loads(fields["data"])["code"]


@asynccontextmanager
async def door(port: int, bearer: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of the gateway at this port."""
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    url, limits = f"http://127.0.0.1:{port}", httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60, limits=limits) as made:
        yield made


async def follow(client: httpx.AsyncClient, reader: Reader, **params: str) -> int:
    """Read the feed live until it ends or breaks, and return the status that it was answered with."""
    try:
        async with client.stream("GET", LIVE, headers=reader.headers(), params=params) as answer:
            if answer.status_code == 200:
                await reader.read(answer)
            return answer.status_code
    except httpx.TransportError:
        return 0
