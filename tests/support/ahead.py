"""What a newer build wrote to the log of initiatives."""

import orjson

from events.topics import INITIATIVES
from services.admission.publish import Outgoing, Publisher
from services.runtime.settings import Settings
from tests.support.admitting import NEWCOMER, records


async def foretold(settings: Settings) -> None:
    """Put an event of a type that nobody knows yet on the log, and one behind it that everybody knows."""
    told = [orjson.loads(each.value or b"") for each in await records(settings, INITIATIVES)]
    joined = next(event for event in told if event["subject"] == NEWCOMER)
    publisher = Publisher(settings)
    for said in (joined | {"type": "org.manyhands.partner.foretold.v1"}, joined):
        [at] = await publisher.publish([Outgoing(INITIATIVES, said["partitionkey"], orjson.dumps(said))])
        assert at is not None
    await publisher.close()
