"""Servers that go away under load, and logs that come back as another."""

import asyncio
from functools import partial
from pathlib import Path

import pytest

from services.ops import local
from tests.faults import scenarios
from tests.faults.arena import Arena
from tests.faults.scenarios import BURST, settled
from tests.faults.workers import placed, worker
from tests.support.wait import until

pytestmark = pytest.mark.faults


async def test_both_servers_die_under_load(arena: Arena, home: Path) -> None:
    postgres, kafka = local.Postgres(home), local.Kafka(home)
    async with worker(arena.settings) as one, worker(arena.settings) as two, arena.load(200):
        await placed(one, two)
        for restart in ((postgres.restart, "immediate"), (kafka.restart, True)):
            stood = await arena.folded()
            await asyncio.to_thread(*restart)
            await until(partial(_moved, arena, stood), 60)
        assert not one.ended
        assert not two.ended
    async with worker(arena.settings):
        assert await settled(arena) == []
    assert await arena.folds_differ(7, 1_000_000) == []


async def _moved(arena: Arena, stood: int) -> bool:
    return await arena.folded() > stood + BURST


async def test_tail_cut_and_refilled(arena: Arena, home: Path) -> None:
    await arena.say(600)
    async with worker(arena.settings) as running:
        await arena.caught_up()
        stood = (await arena.positions())[1]
        arena.before = {1: (await arena.read())[1]}
        await _refilled(arena, local.Kafka(home), 1)
        await until(running.stopped, 60)
        assert (await running.stopped())[1] in ("log-cut", "log-replaced")
        await arena.caught_up([1])
        assert list(await running.stopped()) == [1]
    assert (await arena.positions())[1] == stood
    assert await arena.complaints() == []


async def _refilled(arena: Arena, kafka: local.Kafka, number: int) -> None:
    """Have the broker lose a partition's segments while it is down, and tell more than there was."""
    await asyncio.to_thread(kafka.stop)
    for file in (kafka.data / f"{arena.topic}-{number}").iterdir():
        if file.name != "partition.metadata":
            file.unlink()
    await asyncio.to_thread(kafka.start)
    await arena.say(1600)


async def test_topic_made_anew(arena: Arena) -> None:
    assert await scenarios.replaced(arena) == []
    assert b'"log-replaced"' in (arena.settings.home / "workers.log").read_bytes()
