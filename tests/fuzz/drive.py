"""Hostile requests sent to a gateway, and what must be so while they come and afterwards."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice

import httpx
import orjson
from prometheus_client.parser import text_string_to_metric_families

from events.codes import CODES
from services.gateway.problems import MEDIA
from tests.faults.gates import Gate
from tests.fuzz.requests import Hostile, Hostiles
from tests.support.canary import NAMES, Hit, Search

#: Connections at once.
CALLERS = 6
#: Seconds for an answer that must come, and for one that need not.
PATIENCE_S, GLANCE_S = 30.0, 0.05
#: Bytes by which the gateway may grow, whatever comes.
ROOM = 256 << 20
#: Requests between two looks at how the gateway is.
LOOK = 500


@dataclass
class Summary:
    """What came of it."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)
    held: int = 0
    most: int = 0
    sent: int = 0


@dataclass
class Drive:
    """One run against one gateway."""

    gate: Gate
    hostiles: Hostiles
    step: Callable[[int], None] = lambda _: None
    summary: Summary = field(default_factory=Summary)

    async def run(self, count: int) -> Summary:
        """Send so many requests and return what came of it."""
        self.summary.held = self.summary.most = self.gate.memory()
        rest = iter(range(count))
        await asyncio.gather(*(self._caller(rest) for _ in range(CALLERS)))
        await self._looked()
        self.summary.complaints += await self._told()
        return self.summary

    async def _caller(self, rest: Iterator[int]) -> None:
        for number in rest:
            hostile = self.hostiles.next()
            await self._sent(hostile)
            self.summary.sent += 1
            self.step(1)
            if number % LOOK == 0:
                await self._looked()

    async def _sent(self, hostile: Hostile) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(self.gate.address.rsplit(":", 1)[1]))
        writing = asyncio.create_task(_write(writer, hostile))
        try:
            for _ in range(hostile.answers or 1):
                async with asyncio.timeout(PATIENCE_S if hostile.answers else GLANCE_S):
                    if not await self._answer(hostile, reader):
                        break
        except TimeoutError:
            if hostile.answers:
                self._complain(hostile, "was not answered")
        finally:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
            writer.transport.abort()

    async def _answer(self, hostile: Hostile, reader: asyncio.StreamReader) -> bool:
        """Read one answer; say whether another one may follow."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            # It is cut off without a word where the connection cannot be trusted any more.
            self.summary.answers[hostile.kind, 0] += 1
            return False
        first, *lines = head.decode("latin-1").split("\r\n")
        status = int(first.split()[1])
        headers = {name.lower(): said.strip() for name, _, said in (line.partition(":") for line in lines if line)}
        self.summary.answers[hostile.kind, status] += 1
        try:
            body = await _body(reader, status, headers)
        except (asyncio.IncompleteReadError, ConnectionError):
            return False
        self._judge(hostile, status, headers, body)
        return headers.get("connection") != "close"

    def _judge(self, hostile: Hostile, status: int, headers: dict[str, str], body: bytes) -> None:
        if status >= 500:
            self._complain(hostile, f"was answered {status} {body[:300]!r}")
        elif status >= 400 and headers.get("content-type") == MEDIA and orjson.loads(body)["code"] not in CODES:
            self._complain(hostile, "was answered with a code that is none")

    def _complain(self, hostile: Hostile, what: str) -> None:
        self.summary.complaints.append(f"{hostile.kind} {what}: {hostile.wire[:1500]!r}")

    async def _looked(self) -> None:
        """See that the gateway lives, answers its probe, and holds no more than it may."""
        assert not self.gate.ended, "the gateway ended"
        assert await self.gate.ready(), "the gateway is not ready any more"
        self.summary.most = max(self.summary.most, self.gate.memory())
        if self.summary.most - self.summary.held > ROOM:
            self.summary.complaints.append(f"it grew by {(self.summary.most - self.summary.held) >> 20} MiB")

    async def _told(self) -> list[str]:
        """Return what is wrong in the gateway's own metrics and log."""
        metrics = await self.gate._asked("metrics")
        written = (self.gate.home / "gates.log").read_bytes()
        found = [f"it counted {count:.0f} answers of {status} at {route}" for route, status, count in _failed(metrics)]
        lines = (line for line in written.splitlines() if b'"level":"error"' in line or b"Traceback" in line)
        found += [f"it logged {line[:500]!r}" for line in islice(lines, 5)]
        search = Search(NAMES)
        return found + [f"{hit.word} stands in its {hit.where}" for hit in _hits(search, written, metrics)]


def _hits(search: Search, written: bytes, metrics: bytes) -> list[Hit]:
    return sorted(search.text("log", written) | search.text("metrics", metrics), key=str)


def _failed(metrics: bytes) -> list[tuple[str, str, float]]:
    return [
        (sample.labels["route"], sample.labels["status"], sample.value)
        for family in text_string_to_metric_families(metrics.decode())
        if family.name == "manyhands_requests"
        for sample in family.samples
        if sample.name.endswith("_total") and sample.labels["status"].startswith("5")
    ]


async def _write(writer: asyncio.StreamWriter, hostile: Hostile) -> None:
    size = max(1, -(-len(hostile.wire) // hostile.pieces))
    with suppress(ConnectionError):
        for at in range(0, len(hostile.wire), size):
            writer.write(hostile.wire[at : at + size])
            await writer.drain()


async def _body(reader: asyncio.StreamReader, status: int, headers: dict[str, str]) -> bytes:
    if status in (204, 304) or status < 200:
        return b""
    if headers.get("transfer-encoding") != "chunked":
        return await reader.readexactly(int(headers.get("content-length", "0")))
    pieces = []
    while size := int(await reader.readuntil(b"\r\n"), 16):
        pieces.append((await reader.readexactly(size + 2))[:-2])
    await reader.readexactly(2)
    return b"".join(pieces)


async def still_answers(gate: Gate, bearer: str) -> bool:
    """Say whether somebody who means well is served as if nothing had happened."""
    async with httpx.AsyncClient(base_url=gate.address, headers={"Authorization": f"Bearer {bearer}"}) as door:
        said = {"id": "after", "type": "client.registered", "time": "2026-11-01T09:30:00Z", "client": "own:after"}
        answer = await door.post("/v1/events", json={**said, "latereason": "paper", "data": {}})
    return answer.status_code in (200, 202)
