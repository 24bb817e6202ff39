"""FastStream: a subscriber that is handed batches, with models as its manual shows it, or with plain dictionaries.

Offsets are acknowledged when the handler is through, and the loop is uvloop, which FastStream's own command takes
when it is installed.  `raw` turns off the conversion of arguments by their types, and reads JSON by orjson itself.
"""

import asyncio
import functools
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import asyncpg
import orjson
import uvloop
from faststream import AckPolicy, BaseMiddleware
from faststream.kafka import KafkaBroker, KafkaMessage
from pydantic import BaseModel

from bench.meter import Meter
from bench.peers.task import BATCH, Task, serve, sql

Write = Callable[[dict[str, tuple[str, int]], int], Awaitable[None]]
Subscribe = Callable[..., Any]


class Event(BaseModel):
    """What the job needs of an event."""

    subject: str
    type: str


def models(subscribe: Subscribe, write: Write) -> None:
    """Let FastStream read and validate what it hands over."""

    @subscribe()  # type: ignore[untyped-decorator]
    async def handle(events: list[Event]) -> None:
        await write(_fold((event.subject, event.type) for event in events), len(events))


def raw(subscribe: Subscribe, write: Write) -> None:
    """Take the bytes, and read one event at a time while folding: thousands at once would keep the collector busy."""

    async def decode(message: KafkaMessage) -> list[bytes]:
        return [record.value for record in message.raw_message]

    @subscribe(decoder=decode)  # type: ignore[untyped-decorator]
    async def handle(values: list[bytes]) -> None:
        events = map(orjson.loads, values)
        await write(_fold((event["subject"], event["type"]) for event in events), len(values))


def _fold(events: Iterable[tuple[str, str]]) -> dict[str, tuple[str, int]]:
    rows: dict[str, tuple[str, int]] = {}
    for subject, status in events:
        rows[subject] = (status, rows[subject][1] + 1 if subject in rows else 1)
    return rows


async def _run(task: Task, meter: Meter, attach: Callable[[Subscribe, Write], None], *, typed: bool) -> None:
    connection = await asyncpg.connect(task.postgres)
    await connection.execute(sql("create"))

    async def write(rows: dict[str, tuple[str, int]], events: int) -> None:
        statuses, counts = zip(*rows.values(), strict=True)
        await connection.execute(sql("write"), list(rows), statuses, counts)
        meter.committed(events)

    broker = KafkaBroker(task.kafka, apply_types=typed, middlewares=[_clock(meter)], logger=None)
    options = {
        "group_id": task.group,
        "batch": True,
        "max_records": BATCH,
        "auto_offset_reset": "earliest",
        "ack_policy": AckPolicy.NACK_ON_ERROR,
        "max_partition_fetch_bytes": 4 << 20,
    }
    attach(functools.partial(broker.subscriber, task.topic, **options), write)
    async with broker:
        await broker.start()
        await meter.done.wait()
    await connection.close()


def _clock(meter: Meter) -> type[BaseMiddleware]:
    class Clock(BaseMiddleware):  # type: ignore[misc]
        async def on_receive(self) -> None:
            meter.begin()

    return Clock


def _runner(attach: Callable[[Subscribe, Write], None], *, typed: bool) -> Callable[[Task, Meter], None]:
    def run(task: Task, meter: Meter) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_run(task, meter, attach, typed=typed))

    return run


if __name__ == "__main__":
    serve({"models": _runner(models, typed=True), "raw": _runner(raw, typed=False)})
