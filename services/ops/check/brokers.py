"""What the log relies on, asked of the brokers and tried on a topic of its own that is deleted again."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.protocol.admin import ApiVersionRequest

from events.topics import ALL, LOG_SETTINGS
from events.topics import settings as topic_settings
from services.ops.acl import broker
from services.ops.check.errors import ClockAstray
from services.ops.check.finding import Finding, found, noted, tried
from services.runtime.errors import TopicSettingsDiffer
from services.runtime.exposure import is_loopback
from services.runtime.log import admin, check_topics, producer, reader
from services.runtime.settings import Settings

#: The request for records, and the oldest form of it that brokers since Kafka 4 still answer.
FETCH, SINCE_4 = 1, 4
LOG_APPEND = 1
CLOCK_S = 5.0
SCRATCH = 3
OWN_TOOL = "Set it with Kafka's own kafka-configs tool."


async def looks(settings: Settings) -> AsyncIterator[Finding]:
    """Look at everything.  Raises KafkaError when no broker answers."""
    async with admin(settings) as client:
        count = len((await client.describe_cluster())["brokers"])
        yield noted("brokers", count >= SCRATCH, count, "With three brokers the loss of one loses nothing.")
        answer = await client._send_request(ApiVersionRequest())
        oldest = next(least for key, least, _ in answer.api_versions if key == FETCH)
        yield found(
            "broker version", oldest >= SINCE_4, "4 or newer" if oldest >= SINCE_4 else "3 or older", "Use Kafka 4."
        )
        yield await tried("topics", _topics(settings))
        async for each in _kept(client, settings, count):
            yield each
        yield await _creating(client)
        yield await tried("send and read back", _scratch(client, settings, count))
        yield await _guarded(client, settings)
    yield noted(
        "traffic to brokers",
        settings.kafka_security.endswith("ssl") or _alone(settings),
        settings.kafka_security,
        "Use TLS: set MANYHANDS_KAFKA_SECURITY to sasl_ssl.",
    )


async def _topics(settings: Settings) -> str:
    await check_topics(settings)
    return ", ".join(f"{settings.topic(topic)}: {settings.count(topic)}" for topic in ALL)


async def _kept(client: AIOKafkaAdminClient, settings: Settings, brokers: int) -> AsyncIterator[Finding]:
    """See how each topic is kept on one broker or many, and how long a record it takes."""
    present = {each["topic"]: each for each in await client.describe_topics([settings.topic(topic) for topic in ALL])}
    for topic in ALL:
        name = settings.topic(topic)
        if present[name]["error_code"]:
            continue
        wanted = topic_settings(brokers, topic.kept)
        there = await described(client, ConfigResourceType.TOPIC, name)
        for setting in ("flush.messages", "min.insync.replicas", "unclean.leader.election.enable"):
            if setting in wanted:
                yield found(f"{name}: {setting}", there.get(setting) == wanted[setting], there.get(setting), OWN_TOOL)
        longest = int(there["max.message.bytes"])
        needed = int(LOG_SETTINGS["max.message.bytes"])
        yield found(f"{name}: max.message.bytes", longest >= needed, longest, OWN_TOOL)
        copies = min(len(partition["replicas"]) for partition in present[name]["partitions"])
        enough = copies >= min(brokers, SCRATCH)
        yield found(f"{name}: replicas", enough, copies, "Add replicas with Kafka's kafka-reassign-partitions tool.")


async def _creating(client: AIOKafkaAdminClient) -> Finding:
    first = (await client.describe_cluster())["brokers"][0]["node_id"]
    there = await described(client, ConfigResourceType.BROKER, str(first))
    value = there.get("auto.create.topics.enable", "not shown")
    return found("auto.create.topics.enable", value == "false", value, "Set it to false: a misspelt topic is a fault.")


async def _scratch(client: AIOKafkaAdminClient, settings: Settings, brokers: int) -> str:
    """Send one record as services do and read it back; what it was sent to is deleted again."""
    name = f"{settings.topic_prefix}manyhands.check-{token_hex(4)}"
    await client.create_topics([NewTopic(name, 1, min(brokers, SCRATCH), topic_configs=topic_settings(brokers))])
    try:
        return await _carried(settings, name)
    finally:
        await client.delete_topics([name])


async def _carried(settings: Settings, name: str) -> str:
    value = token_hex(64).encode()
    sender = producer(settings)
    try:
        await sender.start()
        sent = await sender.send_and_wait(name, value, key=b"check", partition=0, headers=[("salt", b"check")])
    finally:
        await sender.stop()
    async with reader(settings) as consumer:
        place = TopicPartition(name, 0)
        consumer.assign([place])
        consumer.seek(place, sent.offset)
        back = await consumer.getone(place)
    ahead = back.timestamp / 1000 - datetime.now(UTC).timestamp()
    if (back.value, back.timestamp_type) != (value, LOG_APPEND):
        raise TopicSettingsDiffer("a record did not come back as it was sent, stamped by the broker")
    if abs(ahead) > CLOCK_S:
        raise ClockAstray(f"the broker's clock is {ahead:+.1f} s from this machine's")
    return f"stamped by the broker, {ahead:+.3f} s from this machine's clock"


async def _guarded(client: AIOKafkaAdminClient, settings: Settings) -> Finding:
    guarded = await broker.described(client) is not None
    seen = "keep access entries" if guarded else "keep nobody out"
    seen += ", reached over loopback alone" if _alone(settings) and not guarded else ""
    hint = "Give the brokers an authorizer, and run `manyhands topics apply`."
    return found("access to brokers", guarded or _alone(settings), seen, hint)


def _alone(settings: Settings) -> bool:
    return all(is_loopback(address.rpartition(":")[0]) for address in settings.kafka.split(","))


async def described(client: AIOKafkaAdminClient, kind: ConfigResourceType, name: str) -> Mapping[str, Any]:
    """Return a topic's or a broker's settings."""
    [answer] = await client.describe_configs([ConfigResource(kind, name)])
    return {entry[0]: entry[1] for *_, entries in answer.resources for entry in entries}
