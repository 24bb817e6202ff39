"""Deadlines are said once, whoever says them: two at a time, one after another, frozen, and with the log away."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import orjson
import pytest

from services.ops import local
from services.ops.local.kafka import Kafka
from services.referral.timekeeper import keeper as keeping
from services.referral.timekeeper import saying
from services.referral.timekeeper.app import Process
from services.referral.timekeeper.keeper import LogSilent, Timekeeper
from services.runtime.lease import Lease
from services.runtime.settings import Settings
from tests.faults.workers import worker
from tests.integration.referral.conftest import DAY, World, effects, inhabited, unheeded
from tests.support import doors
from tests.support.wait import until

PROCESS = "services.referral.timekeeper"


async def test_two_at_once_say_the_same_and_it_counts_once(world: World) -> None:
    for number in range(3):
        await world.ending(str(number))
    await world.folded()
    world.now += 2 * DAY
    async with world.standing() as one, world.standing() as other:
        await asyncio.gather(*(Timekeeper(unheeded(parts)).look(world.now) for parts in (one, other)))
    await world.folded()
    said = await world.said()
    identities = {(each["id"], each["data"]["admitted"]["digest"]) for each in said}
    assert (len(said), len(identities)) == (6, 3)
    assert effects(await world.timeline()) == [("offer_expired", "applied", 1)] * 3


async def test_with_an_id_for_each_time_it_would_count_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = saying.timed
    monkeypatch.setattr(saying, "timed", lambda row: orjson.dumps(orjson.loads(sound(row)) | {"id": str(uuid4())}))
    await world.ending("1")
    await world.folded()
    world.now += 2 * DAY
    async with world.standing() as one, world.standing() as other:
        await asyncio.gather(*(Timekeeper(unheeded(parts)).look(world.now) for parts in (one, other)))
    await world.folded()
    assert {row["outcome"] for row in await world.timeline()} == {"applied", "refused"}


async def test_of_two_that_heed_the_lease_one_speaks_and_the_next_takes_over(world: World) -> None:
    await world.ending("1")
    async with world.standing() as one, world.standing() as other:
        first, second = Timekeeper(one), Timekeeper(other)
        await world.look(first, world.now)
        await world.ending("2")
        await world.look(second, world.now)
        assert (first.health().partitions, second.health().partitions) == (1, 0)
        assert len(await world.said()) == 1
        first.stop()
        await first.run()
        await world.look(second, world.now + DAY)
        assert second.health().partitions == 1
    assert effects(await world.timeline()) == [("offer_expired", "applied", 0), ("offer_expired", "applied", 0)]


async def test_one_that_was_frozen_before_it_spoke_says_nothing_new(world: World) -> None:
    await world.ending("1")
    await world.folded()
    world.now += 2 * DAY
    frozen, thawed = asyncio.Event(), asyncio.Event()

    class Freezing(Lease):
        """Runs out at once, and its holder stands still after it took it to speak."""

        takes = 0

        async def take(self) -> bool:
            taken = await super().take()
            self.takes += 1
            if self.takes > 1:
                frozen.set()
                await thawed.wait()
            return taken

    async with world.standing() as one, world.standing() as other:
        lease = Freezing(one.lease._pool, one.lease._work, timedelta(0))
        standing_still = asyncio.create_task(Timekeeper(one._replace(lease=lease)).look(world.now))
        await frozen.wait()
        await Timekeeper(other).look(world.now)
        thawed.set()
        await standing_still
    await world.folded()
    assert len(await world.said()) == 2
    assert effects(await world.timeline()) == [("offer_expired", "applied", 1)]


async def test_the_process_says_what_is_due_and_gives_its_lease_back(world: World) -> None:
    await world.offered("1", world.now - DAY, sent=world.now - 14 * DAY)
    process = Process(world.settings)
    task = asyncio.create_task(process.run())
    try:
        await until(world.kinds, 60)
        await until(lambda: process.health().ready)
        assert process.health().partitions == 1
        [row] = await world.rows("select work from keep.lease")
        assert row["work"] == keeping.NAME
    finally:
        process.stop()
        await asyncio.wait_for(task, 60)
    assert await world.rows("select work from keep.lease") == []


async def test_a_holder_that_is_frozen_is_replaced_and_says_nothing_twice(world: World) -> None:
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(worker(world.settings, PROCESS))
        await until(lambda: first.owns(1), 60)
        first.freeze()
        for number in range(3):
            await world.offered(str(number), world.now - DAY, sent=world.now - 14 * DAY)
        second = await stack.enter_async_context(worker(world.settings, PROCESS))
        # Each of them is reminded of and escalated before it expires, as it was due.
        await until(lambda: _done(world, 9), 120)
        first.thaw()
        await until(lambda: first.owns(0), 60)
        assert await second.leave() == 0
        await until(lambda: first.owns(1), 60)
        assert await first.leave() == 0
    await world.folded()
    assert len(await world.said()) == 9
    assert {(row["outcome"], row["copies"]) for row in await world.timeline()} == {("applied", 0)}


async def _done(world: World, count: int) -> bool:
    return len(await world.said()) >= count


async def test_what_the_log_did_not_take_is_said_when_it_is_back(tmp_path: Path) -> None:
    servers = local.up(tmp_path)
    try:
        settings = Settings(tmp_path, servers.kafka, servers.postgres, partitions=2)
        async with inhabited(settings) as world:
            async with doors.folding(settings):
                await world.ending("1")
                await world.folded()
            world.now += DAY
            async with world.standing(deadline=2.0) as parts:
                keeper, kafka = Timekeeper(parts), Kafka(tmp_path)
                kafka.stop()
                with pytest.raises(LogSilent):
                    await keeper.look(world.now)
                kafka.start()
                await keeper.look(world.now)
            async with doors.folding(settings):
                await world.folded()
            found = await world.timeline()
            assert [(row["kind"], row["outcome"]) for row in found] == [("offer_expired", "applied")]
    finally:
        local.reset(tmp_path)


async def test_a_database_that_is_away_is_waited_for(world: World) -> None:
    process = Process(replace(world.settings, postgres="postgresql://nobody@127.0.0.1:9/none"))
    task = asyncio.create_task(process.run())
    process.stop()
    await asyncio.wait_for(task, 30)
    assert not process.health().ready
