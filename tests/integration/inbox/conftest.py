"""A broker that asks who calls, and a deployment on it whose partners have inboxes."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from uuid import uuid4

import pytest

from events import topics
from services.admission.inbox import InboxStore
from services.ops import local
from services.ops.acl import broker
from services.ops.topics import _apply as apply
from services.ops.topics import _reach as reach
from services.runtime import log
from services.runtime.roles import Role
from services.runtime.settings import Settings
from services.runtime.store import Pool, connect
from tests.support import databases
from tests.support.admitting import riverbend
from tests.support.secured import GuardedKafka, Secured


@pytest.fixture(scope="session")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """Kafka behind SASL, TLS and access entries, for these tests alone."""
    broker = GuardedKafka(tmp_path_factory.mktemp("secured"))
    try:
        yield Secured(broker.settings(broker.start(), ""))
    finally:
        broker.stop(kill=True)


@dataclass(frozen=True)
class Deployment:
    """An initiative of four partners, topics and entries applied."""

    secured: Secured
    operator: Settings
    pool: Pool
    inboxes: InboxStore

    def service(self, name: str) -> Settings:
        """Return the settings of a service under its own name."""
        return self.secured.user(f"{self.operator.topic_prefix}manyhands.{name}", self.operator)

    def partner(self, name: str) -> Settings:
        """Return what a partner's system knows."""
        return self.service(f"partner.{name}")

    def inbox(self, name: str) -> str:
        return self.operator.topic(topics.inbox(name))


@pytest.fixture(scope="session")
async def shared(
    secured: Secured, servers: local.Servers, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Deployment]:
    """A deployment that the operator has set up once, as that takes a while."""
    async with databases.fresh(servers.postgres) as uri:
        home, prefix = tmp_path_factory.mktemp("guarded"), f"t{uuid4().hex[:10]}."
        operator = replace(secured.operator, home=home, postgres=uri, topic_prefix=prefix, partitions=3)
        await log.create_topics(operator)
        async with riverbend(operator):
            pass
        await apply(operator, None, ["a"])
        async with await connect(uri, application="test", role=Role.OPERATOR) as pool:
            yield Deployment(secured, operator, pool, InboxStore(pool))


@pytest.fixture
async def guarded(shared: Deployment) -> Deployment:
    """The deployment with exactly the entries that are wanted, whatever the test before left behind."""
    reached = await reach(shared.operator, shared.inboxes, ["a"])
    async with log.admin(shared.operator) as client:
        there = await broker.described(client) or set()
        await broker.make(client, reached.entries - there)
        await broker.take(client, reached.surplus(there))
    return shared
