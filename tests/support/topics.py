"""Topics for tests: a name prefix each, and nothing left behind under it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from aiokafka.admin import AIOKafkaAdminClient


@asynccontextmanager
async def prefix(brokers: str) -> AsyncIterator[str]:
    """Yield a prefix no other test has; delete every topic that begins with it afterwards."""
    chosen = f"t{uuid4().hex[:10]}."
    yield chosen
    admin = AIOKafkaAdminClient(bootstrap_servers=brokers)
    await admin.start()
    try:
        topics = [name for name in await admin.list_topics() if name.startswith(chosen)]
        if topics:
            await admin.delete_topics(topics)
    finally:
        await admin.close()
