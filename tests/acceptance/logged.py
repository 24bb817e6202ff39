"""What stands on a deployment's log, and what is written to it past every door."""

from collections.abc import Iterable

import orjson

from events import topics
from events.codec import write
from services.runtime import log
from services.runtime.log import read, spans
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


async def written(deployment: Deployment, records: Iterable[tuple[topics.Topic, bytes | None, bytes | None]]) -> None:
    """Append these records to the log, past admission."""
    producer = log.producer(deployment.settings)
    await producer.start()
    try:
        for topic, key, value in records:
            headers = [("salt", SMUGGLED.encode())]
            await producer.send_and_wait(deployment.settings.topic(topic), value, key=key, headers=headers)
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
