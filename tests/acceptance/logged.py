"""What stands on a deployment's log, and what is written to it past every door."""

from collections.abc import Iterable

import orjson

from events import topics
from events.catalogue import Event
from events.codec import write
from services.runtime import log
from services.runtime.log import read, spans
from services.runtime.placement import placement
from tests.support.canary import SMUGGLED
from tests.support.deployment import Deployment
from tests.support.events import Told, partner


async def smuggled(deployment: Deployment) -> None:
    """Write to the log what no door would let through."""
    about = SMUGGLED.encode()
    event = orjson.loads(write(Told()("referral.requested")))
    garbage: list[tuple[bytes | None, bytes | None]] = [
        (about, about),
        (about, None),
        (about, orjson.dumps(event)),
        (None, orjson.dumps(event | {"type": SMUGGLED})),
        (None, orjson.dumps(event | {"type": f"com.example.{SMUGGLED}"})),
        (event["partitionkey"].encode(), orjson.dumps(event | {"subject": SMUGGLED, "source": partner("clinic")})),
        (event["partitionkey"].encode(), orjson.dumps(event | {"id": SMUGGLED})),
        (event["partitionkey"].encode(), orjson.dumps(event | {"data": {SMUGGLED: SMUGGLED}})),
        (None, orjson.dumps({SMUGGLED: SMUGGLED})),
        (None, orjson.dumps([SMUGGLED])),
        (None, b'{"type":"' + about),
    ]
    await written(deployment, [(topic, key, value) for topic in topics.ALL for key, value in garbage])
    told = Told()
    await _astray(deployment, topics.CASES, told("client.registered"))
    await _astray(deployment, topics.INITIATIVES, told("partner.joined"))


async def _astray(deployment: Deployment, topic: topics.Topic, event: Event) -> None:
    """Append what could be folded, were this its key's partition."""
    count, key = deployment.settings.count(topic), event.partitionkey.encode()
    await written(deployment, [(topic, key, write(event))], (placement(count)(key) + 1) % count)


async def written(
    deployment: Deployment,
    records: Iterable[tuple[topics.Topic, bytes | None, bytes | None]],
    partition: int | None = None,
) -> None:
    """Append these records to the log, past admission: to this partition, else to each key's own."""
    producer = log.producer(deployment.settings)
    await producer.start()
    try:
        for topic, key, value in records:
            headers = [("salt", SMUGGLED.encode())]
            name = deployment.settings.topic(topic)
            await producer.send_and_wait(name, value, key=key, partition=partition, headers=headers)
    finally:
        await producer.stop()


async def ends(deployment: Deployment) -> int:
    """Return how many records the log has."""
    found = await spans(deployment.settings, topics.ALL)
    return sum(end for _, end in found.values())


async def records(deployment: Deployment) -> list[bytes]:
    """Return every record of the log in one piece: key, value and headers."""
    wanted = await spans(deployment.settings, topics.ALL)
    return [
        b"\0".join((record.key or b"", record.value or b"", *(value for _, value in record.headers)))
        async for _, batch in read(deployment.settings, wanted)
        for record in batch
    ]
