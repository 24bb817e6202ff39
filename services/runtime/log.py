"""Kafka, for everything that is no live processor: topics, publishing, and reading a bounded stretch again."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import OffsetOutOfRangeError, TopicAlreadyExistsError, for_code

from events.topics import ALL, Topic
from events.topics import settings as topic_settings
from projections.record import Partition, Record
from services.runtime.errors import HistoryMissing, LogCut, PartitionsDiffer, TopicMissing, TopicSettingsDiffer
from services.runtime.security import brokers
from services.runtime.settings import Settings

#: Settings without which history would expire, or be stamped by somebody else's clock.
VITAL = ("retention.ms", "retention.bytes", "cleanup.policy", "message.timestamp.type", "compression.type")
#: How long a poll waits for the broker, in milliseconds.
POLL_MS = 500
TOPIC_UNKNOWN = 3
#: Seconds for a new topic to be known everywhere.
APPEAR_S = 30


@asynccontextmanager
async def admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    """Give an admin client for the deployment's brokers; raises KafkaError when none answers."""
    client = AIOKafkaAdminClient(request_timeout_ms=30_000, **brokers(settings))
    try:
        await client.start()
        yield client
    finally:
        await client.close()


async def create_topics(settings: Settings, topics: Iterable[Topic] = ALL) -> list[str]:
    """Make the topics that are missing and return their names, then check them all as `check_topics` does."""
    wanted = list(topics)
    async with admin(settings) as client:
        count = len((await client.describe_cluster())["brokers"])
        present = await _counts(client, [settings.topic(topic) for topic in wanted])
        missing = [topic for topic in wanted if settings.topic(topic) not in present]
        made = await _create(client, [_new(settings, topic, count) for topic in missing])
        await _appear(client, made)
    await check_topics(settings, wanted)
    return made


async def check_topics(settings: Settings, topics: Iterable[Topic] = ALL) -> None:
    """Raise TopicMissing, PartitionsDiffer or TopicSettingsDiffer when a topic is not as the log needs it."""
    wanted = {settings.topic(topic): topic for topic in topics}
    counts = {name: settings.count(topic) for name, topic in wanted.items()}
    async with admin(settings) as client:
        present = await _counts(client, list(counts))
        for name, count in counts.items():
            if name not in present:
                raise TopicMissing(f"{name} does not exist")
            if present[name] != count:
                raise PartitionsDiffer(f"{name} has {present[name]} partitions where {count} are expected")
        await _check_settings(client, {name: topic.kept for name, topic in wanted.items()})


def producer(settings: Settings) -> AIOKafkaProducer:
    """Return a producer whose acknowledgement means kept: every replica in sync has it, once, in order."""
    return AIOKafkaProducer(
        **brokers(settings),
        acks="all",
        enable_idempotence=True,
        linger_ms=2,
        max_batch_size=262_144,
        request_timeout_ms=30_000,
    )


@asynccontextmanager
async def reader(settings: Settings, **options: object) -> AsyncIterator[AIOKafkaConsumer]:
    """Give a consumer that belongs to no group: nothing it does disturbs a processor."""
    consumer = AIOKafkaConsumer(
        **brokers(settings),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="none",
        **options,
    )
    try:
        await consumer.start()
        yield consumer
    finally:
        await _stopped(consumer)


def disturbances(client: Any, noticed: Callable[[], None]) -> None:
    """Call `noticed` whenever a client of Kafka lost a connection or asks the brokers anew who leads what.

    A broker that comes back with a log that was cut and refilled, or a topic made anew, looks healthy afterwards.
    """
    closed, update = client._on_connection_closed, client.force_metadata_update

    def on_closed(connection: Any, reason: Any) -> None:
        noticed()
        closed(connection, reason)

    def on_update() -> Any:
        noticed()
        return update()

    client._on_connection_closed = on_closed
    client.force_metadata_update = on_update


async def _stopped(consumer: AIOKafkaConsumer) -> None:
    """Stop the consumer, also while its broker is away: a fetch that waits for it ends the stop as a cancellation."""
    try:
        await consumer.stop()
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        await consumer._client.close()


async def spans(settings: Settings, topics: Iterable[Topic]) -> dict[Partition, tuple[int, int]]:
    """Return the first offset and the end offset of every partition of the topics."""
    partitions = [TopicPartition(settings.topic(t), n) for t in topics for n in range(settings.count(t))]
    async with reader(settings) as consumer:
        first = await consumer.beginning_offsets(partitions)
        end = await consumer.end_offsets(partitions)
    return {Partition(*each): (first[each], end[each]) for each in partitions}


async def read(
    settings: Settings, wanted: Mapping[Partition, tuple[int, int]], most: int = 5000
) -> AsyncIterator[tuple[Partition, Sequence[Record]]]:
    """Read each partition's records over [start, stop), in order, in batches of at most `most` records a poll.

    Raises LogCut when a partition ends before its stop and HistoryMissing when it begins after its start.
    """
    left = {TopicPartition(*each): span for each, span in wanted.items() if span[0] < span[1]}
    if not left:
        return
    async with reader(settings, max_partition_fetch_bytes=4 << 20) as consumer:
        await _place(consumer, left)
        while left:
            for partition, records in await _poll(consumer, left, most):
                yield Partition(*partition), records
            for partition in [each for each in left if await consumer.position(each) >= left[each][1]]:
                del left[partition]


Spans = Mapping[TopicPartition, tuple[int, int]]


async def _place(consumer: AIOKafkaConsumer, wanted: Spans) -> None:
    consumer.assign(list(wanted))
    first, end = await consumer.beginning_offsets(list(wanted)), await consumer.end_offsets(list(wanted))
    for partition, (start, stop) in wanted.items():
        name = f"{partition.topic}-{partition.partition}"
        if first[partition] > start:
            raise HistoryMissing(f"{name} begins at {first[partition]}, {start} was asked for")
        if end[partition] < stop:
            raise LogCut(f"{name} ends at {end[partition]}, {stop} was asked for")
        consumer.seek(partition, start)


async def _poll(consumer: AIOKafkaConsumer, left: Spans, most: int) -> list[tuple[TopicPartition, Sequence[Record]]]:
    """Return what came of each partition, as far as its stop."""
    try:
        polled: Mapping[TopicPartition, Sequence[Record]] = await consumer.getmany(
            *left, timeout_ms=POLL_MS, max_records=most
        )
    except OffsetOutOfRangeError as error:
        raise LogCut("the log was cut while it was read") from error
    return [(each, kept) for each, records in polled.items() if (kept := _before(records, left[each][1]))]


def _before(records: Sequence[Record], stop: int) -> Sequence[Record]:
    return records if records[-1].offset < stop else [each for each in records if each.offset < stop]


async def _counts(client: AIOKafkaAdminClient, names: list[str]) -> dict[str, int]:
    found = await client.describe_topics(names) if names else []
    for topic in found:
        if topic["error_code"] not in (0, TOPIC_UNKNOWN):
            raise for_code(topic["error_code"])(topic["topic"])
    return {topic["topic"]: len(topic["partitions"]) for topic in found if topic["error_code"] == 0}


async def _appear(client: AIOKafkaAdminClient, names: list[str]) -> None:
    """Wait until the broker that answers has heard of the topics that the controller made."""
    async with asyncio.timeout(APPEAR_S):
        while len(await _counts(client, names)) < len(names):  # noqa: ASYNC110 - the broker tells nobody
            await asyncio.sleep(0.02)


def _new(settings: Settings, topic: Topic, count: int) -> NewTopic:
    configs = topic_settings(count, topic.kept)
    return NewTopic(settings.topic(topic), settings.count(topic), min(count, 3), topic_configs=configs)


async def _create(client: AIOKafkaAdminClient, wanted: list[NewTopic]) -> list[str]:
    if not wanted:
        return []
    answer = await client.create_topics(wanted)
    for name, code, *detail in answer.topic_errors:
        if code and for_code(code) is not TopicAlreadyExistsError:
            raise for_code(code)(f"{name}: {detail}")
    return [name for name, code, *_ in answer.topic_errors if code == 0]


async def _check_settings(client: AIOKafkaAdminClient, wanted: Mapping[str, Mapping[str, str]]) -> None:
    asked = [ConfigResource(ConfigResourceType.TOPIC, name, dict.fromkeys(VITAL)) for name in wanted]
    for topic, name, value in _described(await client.describe_configs(asked)):
        needed = wanted[topic].get(name, value)
        if value != needed:
            raise TopicSettingsDiffer(f"{topic} has {name}={value} where {needed} is needed")


def _described(answers: Iterable[Any]) -> Iterator[tuple[str, str, str]]:
    """Yield each topic's settings by name and value.  Raises KafkaError where the broker does not show them."""
    for answer in answers:
        for code, _, _, topic, entries in answer.resources:
            if code:
                raise for_code(code)(topic)
            yield from ((topic, name, value) for name, value, *_ in entries)
