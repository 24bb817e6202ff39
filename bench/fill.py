"""Puts a workload on its topic, fast: whole batches of records for one partition at a time, not compressed."""

import asyncio
from collections.abc import Awaitable, Iterable
from secrets import token_hex

from aiokafka import AIOKafkaProducer

from bench.workload import Line
from events.topics import CASES
from services.runtime.log import create_topics
from services.runtime.placement import placement
from services.runtime.settings import Settings

#: The largest batch, in bytes.
BATCH_BYTES = 900_000


async def fill(settings: Settings, lines: Iterable[Line]) -> None:
    """Make the topic and append the records in order; returns when the broker has them all."""
    await create_topics(settings, [CASES])
    topic, partitions = settings.topic(CASES), settings.count(CASES)
    home = placement(partitions)
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka, acks="all", max_batch_size=BATCH_BYTES, max_request_size=BATCH_BYTES * 2
    )
    await producer.start()
    try:
        sent: list[Awaitable[object]] = []
        batches = {number: producer.create_batch() for number in range(partitions)}
        for line in lines:
            number = home(line.key)
            if not _append(batches[number], line):
                sent.append(await producer.send_batch(batches[number], topic, partition=number))
                batches[number] = producer.create_batch()
                _append(batches[number], line)
        for number, batch in batches.items():
            if batch.record_count():
                sent.append(await producer.send_batch(batch, topic, partition=number))
        await asyncio.gather(*sent)
    finally:
        await producer.stop()


def _append(batch: object, line: Line) -> bool:
    headers = [("salt", token_hex(8).encode())]
    appended = batch.append(key=line.key, value=line.value, timestamp=None, headers=headers)  # type: ignore[attr-defined]
    return appended is not None
