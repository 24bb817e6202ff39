"""Many readers cost memory that stays, and nothing of PostgreSQL; one that does not read is cut off and resumes."""

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from projections.communication import COMMUNICATION
from services.gateway.feeds.live import Live
from services.gateway.feeds.stream import Stream
from services.gateway.parts import Parts
from services.gateway.principal import Kind, Principal
from services.gateway.store import Keep
from services.gateway.telemetry import Telemetry
from services.notifications.feed import Whose
from tests.faults.workers import Worker, placed, worker
from tests.integration.gateway.feeds.telling import WHOSE, refer, whole, wrong
from tests.support import doors, reading
from tests.support.admitting import CLINIC, SHELTER, clinic, codes
from tests.support.events import INITIATIVE
from tests.support.following import LIVE, Reader, door, follow
from tests.support.wait import until

READERS = 200
#: Bytes by which a gateway with that many readers may grow while it tells them things.
GROWTH = 40 << 20
#: What comes between a reader's beginning and its being cut off: more than sockets hold.
MUCH = 6000


@pytest.fixture
async def folded(parts: Parts) -> AsyncIterator[Parts]:
    """The parts, while feeds are folded."""
    await reading.prepared(parts)
    async with doors.folding(parts.settings, COMMUNICATION):
        yield parts


@dataclass
class Gateway:
    worker: Worker
    port: int

    def memory(self) -> int:
        """Return how many bytes it holds."""
        lines = Path(f"/proc/{self.worker.process.pid}/status").read_text("utf-8").splitlines()
        return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmRSS"))

    async def metric(self, line: str) -> float:
        text = (await self.worker._asked("metrics")).decode().splitlines()
        return sum(float(each.rpartition(" ")[2]) for each in text if each.startswith(line))


@pytest.fixture
async def gateway(folded: Parts) -> AsyncIterator[Gateway]:
    settings = replace(folded.settings, feed_streams=READERS, feed_patience=1.0, log_level="warning")
    async with worker(settings, "services.gateway") as found:
        await placed(found)
        text = (settings.home / "run" / f"gateway-{found.process.pid}.json").read_bytes()
        yield Gateway(found, orjson.loads(text)["api"])


class Counting(Keep):
    """Counts what is asked."""

    def __init__(self, keep: Keep) -> None:
        super().__init__(keep.pool)
        self.asked: Counter[str] = Counter()

    def snapshot(self, projection: str, initiative: str) -> Any:
        self.asked["snapshot"] += 1
        return super().snapshot(projection, initiative)


async def test_readers_ask_nothing_of_the_database_each(folded: Parts) -> None:
    keep = Counting(folded.keep)
    settings = replace(folded.settings, feed_streams=READERS)
    live = Live(settings, keep, folded.admission, Telemetry())
    bearer = await doors.token(folded, SHELTER)
    who = Principal(Kind.PARTNER_SYSTEM, INITIATIVE, SHELTER, None, frozenset({"feed.read"}), f"token:{bearer[3:11]}")
    streams = [await live.open(who, WHOSE, None) for _ in range(READERS)]
    keep.asked.clear()
    try:
        await refer(folded, "a", "b", "c")
        taken: dict[Stream, list[str]] = {each: [] for each in streams}

        async def all_told() -> bool:
            for stream in streams:
                entries = await live.next(stream)
                stream.cursor = stream.cursor.after(entries)
                taken[stream] += [entry.event for entry in entries]
            return all(len(each) == 3 for each in taken.values())

        await until(all_told)
        expected = await whole(folded.keep)
        assert all(wrong(each, expected) == [] for each in taken.values())
        # As often as something was folded, and no more.
        assert keep.asked["snapshot"] <= 40
    finally:
        for each in streams:
            live.leave(each)
        await live.close()


async def test_two_hundred_readers_hold_what_they_held(folded: Parts, gateway: Gateway) -> None:
    readers = [Reader() for _ in range(READERS)]
    async with door(gateway.port, await doors.token(folded, SHELTER)) as client, AsyncExitStack() as stack:
        for each in readers:
            task = asyncio.create_task(follow(client, each))
            stack.push_async_callback(_cancelled, task)
        await until(lambda: all(each.last for each in readers), 60)
        await refer(folded, *(f"w{each}" for each in range(10)))
        await until(lambda: all(len(each.entries) == 10 for each in readers), 60)
        before = gateway.memory()
        for batch in range(10):
            await refer(folded, *(f"m{batch}-{each}" for each in range(10)))
        await until(lambda: all(len(each.entries) == 110 for each in readers), 60)
        assert gateway.memory() - before < GROWTH
        assert await gateway.metric("manyhands_feed_streams ") == READERS
        expected = await whole(folded.keep)
        assert all(wrong(each.events, expected) == [] for each in readers)

    async def left() -> bool:
        return await gateway.metric("manyhands_feed_streams ") == 0

    await until(left)


async def _cancelled(task: "asyncio.Task[int]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_slow_reader_is_cut_off_and_resumes(folded: Parts, gateway: Gateway) -> None:
    await refer(folded, "x")
    bearer = await doors.token(folded, CLINIC)
    async with door(gateway.port, bearer) as client:
        begin = (await client.get("/v1/feed")).json()["cursor"]
        await _refuse_many(folded, MUCH)
        await until(lambda: _told(folded, MUCH), 90)
        before = gateway.memory()
        with socket.socket() as idle:
            idle.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            idle.connect(("127.0.0.1", gateway.port))
            head = f"GET {LIVE}?after={begin} HTTP/1.1\r\nHost: d\r\nAuthorization: Bearer {bearer}\r\n\r\n"
            idle.sendall(head.encode())

            async def cut() -> bool:
                return await gateway.metric('manyhands_feed_streams_ended_total{why="slow"}') == 1

            await until(cut, 60)
        assert gateway.memory() - before < GROWTH
        reader = Reader(last=begin)
        task = asyncio.create_task(follow(client, reader))
        await until(lambda: len(reader.entries) >= MUCH, 60)
        await _cancelled(task)
        assert wrong(reader.events, await whole(folded.keep, Whose(INITIATIVE, CLINIC))) == []


async def _refuse_many(parts: Parts, count: int) -> None:
    """Have the clinic acknowledge an outcome that there is none of yet."""
    row = orjson.loads(reading.answered("outcome_acknowledged", "x", "own:r x"))
    rows = [orjson.dumps({**row, "id": f"again {each}"}) for each in range(count)]
    for at in range(0, count, 1000):
        assert set(codes(await parts.admission.admit(clinic, rows[at : at + 1000]))) == {None}


async def _told(parts: Parts, count: int) -> bool:
    return len(await whole(parts.keep, Whose(INITIATIVE, CLINIC))) >= count
