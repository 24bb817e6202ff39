"""An intake killed again and again: each record of an inbox is decided once, and published as it was decided."""

from pathlib import Path
from random import Random

import pytest

from services.ops import local
from services.ops.local import Kafka
from services.runtime.settings import Settings
from tests.faults.intakes import HASTY, yard
from tests.support import databases
from tests.support import topics as names

pytestmark = pytest.mark.faults
KILLS = 20


async def test_killed_twenty_times_under_load(home: Path, tmp_path: Path, seed: int) -> None:
    servers = local.up(home)
    async with databases.fresh(servers.postgres) as uri, names.prefix(servers.kafka) as prefix:
        settings = Settings(tmp_path, servers.kafka, uri, topic_prefix=prefix, partitions=3)
        async with yard(settings, Random(seed)) as found:
            await found.killed(KILLS)
            assert await found.complaints() == []
            assert await found.decided() > KILLS


async def test_an_intake_that_publishes_first_is_found_out(home: Path, tmp_path: Path, seed: int) -> None:
    servers = local.up(home)
    async with databases.fresh(servers.postgres) as uri, names.prefix(servers.kafka) as prefix:
        settings = Settings(tmp_path, servers.kafka, uri, topic_prefix=prefix, partitions=3)
        async with yard(settings, Random(seed)) as found:
            for _ in range(KILLS):
                await found.killed(1, HASTY)
                if any("forms" in each for each in await found.complaints()):
                    return
    pytest.fail("publishing first went unnoticed, so keeping first is not what makes the bytes the same")


async def test_frozen_while_it_reads_and_thawed_when_another_does(home: Path, tmp_path: Path, seed: int) -> None:
    servers = local.up(home)
    async with databases.fresh(servers.postgres) as uri, names.prefix(servers.kafka) as prefix:
        settings = Settings(tmp_path, servers.kafka, uri, topic_prefix=prefix, partitions=3)
        async with yard(settings, Random(seed)) as found:
            await found.frozen()
            assert await found.complaints() == []


async def test_broker_killed_while_it_decides(home: Path, tmp_path: Path, seed: int) -> None:
    servers = local.up(home)
    async with databases.fresh(servers.postgres) as uri, names.prefix(servers.kafka) as prefix:
        settings = Settings(tmp_path, servers.kafka, uri, topic_prefix=prefix, partitions=3)
        async with yard(settings, Random(seed)) as found:
            await found.cut_off(Kafka(home))
            assert await found.complaints() == []
