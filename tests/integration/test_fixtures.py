"""The fixtures keep tests apart from one another."""

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from services.ops import local
from tests.support import databases, topics
from tests.support.wait import until


async def names(brokers: str, prefix: str) -> list[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=brokers)
    await admin.start()
    found: list[str] = await admin.list_topics()
    await admin.close()
    return [name for name in found if name.startswith(prefix)]


async def test_database_is_empty_and_gone_afterwards(servers: local.Servers) -> None:
    async with databases.fresh(servers.postgres) as uri:
        connection = await asyncpg.connect(uri)
        tables = await connection.fetchval("select count(*) from pg_tables where schemaname = 'public'")
        await connection.close()
    assert tables == 0
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(uri)


async def test_topics_under_a_prefix_are_gone_afterwards(servers: local.Servers) -> None:
    async with topics.prefix(servers.kafka) as prefix:
        admin = AIOKafkaAdminClient(bootstrap_servers=servers.kafka)
        await admin.start()
        await admin.create_topics([NewTopic(f"{prefix}cases", 2, 1)])
        await admin.close()

        async def there() -> bool:
            return await names(servers.kafka, prefix) == [f"{prefix}cases"]

        await until(there)

    async def gone() -> bool:
        return await names(servers.kafka, prefix) == []

    await until(gone)


async def test_fixtures_name_what_they_made(database: str, topic_prefix: str, servers: local.Servers) -> None:
    assert database != servers.postgres
    assert topic_prefix.endswith(".")
