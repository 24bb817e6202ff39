"""The yardstick: the barest loop from Kafka to PostgreSQL that one would write by hand.

It validates nothing, judges nothing and keeps no promise beyond its transaction; everything else is
measured as a share of what it does in the same run.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import asyncpg
import orjson
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from bench.engine import Job, serve
from bench.meter import Meter
from projections.sql import statement

SQL = Path(__file__).with_name("yardstick.sql")
#: The most records in one transaction.
BATCH = 2000
Polled = Mapping[TopicPartition, Sequence[ConsumerRecord]]


def fold(values: Iterable[bytes]) -> dict[str, tuple[str, int]]:
    """Return the last status and the count of each subject."""
    rows: dict[str, tuple[str, int]] = {}
    for value in values:
        event = orjson.loads(value)
        subject = event["subject"]
        rows[subject] = (event["type"], rows[subject][1] + 1 if subject in rows else 1)
    return rows


async def run(job: Job, meter: Meter) -> None:
    """Read every partition from its beginning until the meter has seen enough."""
    connection = await asyncpg.connect(job.postgres)
    await connection.execute(statement(SQL, "create"))
    consumer = AIOKafkaConsumer(
        bootstrap_servers=job.kafka, group_id=None, enable_auto_commit=False, max_partition_fetch_bytes=4 << 20
    )
    await consumer.start()
    try:
        partitions = [TopicPartition(job.topic, number) for number in range(job.partitions)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        while not meter.done.is_set():
            polled = await consumer.getmany(timeout_ms=200, max_records=BATCH)
            if polled:
                meter.begin()
                await _commit(connection, polled)
                meter.committed(sum(map(len, polled.values())))
    finally:
        await consumer.stop()
        await connection.close()


async def _commit(connection: asyncpg.Connection, polled: Polled) -> None:
    rows = fold(record.value for records in polled.values() for record in records)
    statuses, counts = zip(*rows.values(), strict=True)
    offsets = {partition.partition: records[-1].offset + 1 for partition, records in polled.items()}
    async with connection.transaction():
        await connection.execute(statement(SQL, "write"), list(rows), statuses, counts)
        await connection.execute(statement(SQL, "advance"), list(offsets), list(offsets.values()))


if __name__ == "__main__":
    serve(run)
