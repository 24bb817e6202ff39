"""An initiative that is founded once and copied into each deployment that begins with it.

Founding waits for the log event by event; a copy is one write to each server.
"""

import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from events.topics import INITIATIVES
from projections.record import Record
from services.ops.local import Servers
from services.runtime import log
from services.runtime.settings import Settings
from tests.support import databases, topics
from tests.support.admitting import records, riverbend

#: Partitions of every topic of the deployments that begin so.
PARTITIONS = 3
SECRETS = "secrets"


@dataclass(frozen=True)
class Founded:
    """What a deployment holds after its founding: a database to copy, secrets, and the log of the initiative."""

    database: str
    secrets: Path
    log: Sequence[Record]

    async def into(self, settings: Settings) -> None:
        """Begin a deployment whose database is such a copy: its topics are made, its secrets are these."""
        shutil.copytree(self.secrets, settings.home / SECRETS)
        await log.create_topics(settings)
        await _write(settings, self.log)


@asynccontextmanager
async def founded(servers: Servers, home: Path) -> AsyncIterator[Founded]:
    """Found an initiative on these servers, to be copied while the block runs."""
    async with databases.fresh(servers.postgres) as uri:
        async with topics.prefix(servers.kafka) as prefix:
            settings = Settings(home, servers.kafka, uri, topic_prefix=prefix, partitions=PARTITIONS)
            await log.create_topics(settings)
            async with riverbend(settings):
                pass
            kept = await records(settings, INITIATIVES)
        yield Founded(databases.name_of(uri), home / SECRETS, kept)


async def _write(settings: Settings, kept: Sequence[Record]) -> None:
    topic, producer = settings.topic(INITIATIVES), log.producer(settings)
    await producer.start()
    try:
        for each in kept:
            await producer.send(topic, each.value, each.key, headers=list(each.headers))
        await producer.flush()
    finally:
        await producer.stop()
