"""The gateway killed, and cut off from its log, under load: what it said to be kept is kept, once."""

from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest

from services.ops import local
from services.ops.local import Kafka
from services.runtime.settings import Settings
from tests.faults.gates import EAGER, Yard, frozen, stopped, yard
from tests.support import databases
from tests.support import topics as names

pytestmark = pytest.mark.faults
KILLS = 20
#: Bytes that a gateway may grow by while the log is away: a little for each request that waits.
ROOM = 64 << 20


@pytest.fixture
async def found(home: Path, tmp_path: Path, seed: int) -> AsyncIterator[Yard]:
    servers = local.up(home)
    async with databases.fresh(servers.postgres) as uri, names.prefix(servers.kafka) as prefix:
        settings = Settings(
            tmp_path,
            servers.kafka,
            uri,
            topic_prefix=prefix,
            partitions=3,
            gateway_port=0,
            limit_caller=0,
            limit_address=0,
        )
        async with yard(settings, Random(seed)) as made:
            yield made


async def test_killed_twenty_times_under_load(found: Yard) -> None:
    await found.killed(KILLS)
    assert await found.complaints() == []
    assert sum(each.broken for each in found.callers) > 0


async def test_broker_frozen_under_load(found: Yard, home: Path) -> None:
    grown = await found.cut_off(frozen(Kafka(home)))
    assert await found.complaints() == []
    assert grown < ROOM


async def test_broker_stopped_under_load(found: Yard, home: Path) -> None:
    grown = await found.cut_off(stopped(Kafka(home)))
    assert await found.complaints() == []
    assert grown < ROOM


async def test_a_gateway_that_answers_early_is_found_out_when_killed(found: Yard) -> None:
    for _ in range(KILLS):
        await found.killed(1, EAGER)
        if any("not on the log" in each for each in await found.complaints()):
            return
    pytest.fail("answering early lost nothing, so waiting for the log is not what keeps events")


async def test_a_gateway_that_answers_early_is_found_out_when_the_broker_freezes(found: Yard, home: Path) -> None:
    with pytest.raises(AssertionError, match="all are told"):
        await found.cut_off(frozen(Kafka(home)), EAGER, patience=8)
    assert any("while the log was away" in each for caller in found.callers for each in caller.complaints)
