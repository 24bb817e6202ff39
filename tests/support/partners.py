"""Partner systems as others write them: plain producers that know Kafka and nothing of the house."""

import asyncio
from collections.abc import Iterable
from typing import Any

from aiokafka import AIOKafkaProducer
from confluent_kafka import KafkaException, Message, Producer

from services.runtime.security import brokers
from services.runtime.settings import Settings
from tests.support.secured import librdkafka


async def by_aiokafka(settings: Settings, topic: str, rows: Iterable[bytes | None], **options: Any) -> list[int]:
    """Write the rows with aiokafka, acknowledged by all replicas, and return their offsets."""
    producer = AIOKafkaProducer(**brokers(settings), acks="all", **options)
    try:
        await producer.start()
        sent = [await producer.send(topic, row, key=b"any") for row in rows]
        return [(await each).offset for each in sent]
    finally:
        await producer.stop()


async def by_confluent(settings: Settings, topic: str, rows: Iterable[bytes | None]) -> list[int]:
    """Write the rows with librdkafka, likewise.  Raises KafkaException for the first that was not taken."""
    return await asyncio.to_thread(_written, settings, topic, list(rows))


def _written(settings: Settings, topic: str, rows: list[bytes | None]) -> list[int]:
    offsets: list[int] = []
    failures: list[Any] = []

    def delivered(error: Any, message: Message) -> None:
        failures.append(error) if error else offsets.append(int(message.offset() or 0))

    producer = Producer(librdkafka(settings) | {"acks": "all", "linger.ms": 5, "message.timeout.ms": 20_000})
    for row in rows:
        producer.produce(topic, row, on_delivery=delivered)
        producer.poll(0)
    producer.flush(30)
    if failures:
        raise KafkaException(failures[0])
    return offsets
