"""A rebuild that PostgreSQL breaks off is begun again, and never taken for a whole one."""

import asyncio
from pathlib import Path

import pytest

from services.ops import local
from services.runtime.errors import Fault
from tests.faults.arena import Arena
from tests.faults.rebuilds import Watched, differ, rebuilt
from tests.faults.workers import worker

pytestmark = pytest.mark.faults


async def test_interrupted_by_an_immediate_stop(arena: Arena, home: Path) -> None:
    postgres = local.Postgres(home)
    await arena.say(6000)
    async with worker(arena.settings):
        await arena.caught_up()
    await _broken_off(arena, postgres)
    await asyncio.to_thread(postgres.start)
    again = await rebuilt(arena, "resume", keep=True)
    assert again.comparison.differences == []
    assert await arena.complaints() == []
    await asyncio.to_thread(postgres.restart, "immediate")
    assert (await rebuilt(arena, "resume", keep=True)).comparison.differences == []
    await asyncio.to_thread(postgres.start)


async def _broken_off(arena: Arena, postgres: local.Postgres) -> None:
    begun = asyncio.Event()
    task = asyncio.create_task(rebuilt(arena, keep=True, show=Watched(begun.set)))
    await asyncio.wait_for(begun.wait(), 60)
    await asyncio.to_thread(postgres.stop, "immediate")
    with pytest.raises(Fault):
        await task


async def test_rebuild_while_the_log_grows(arena: Arena) -> None:
    await arena.say(2000)
    async with worker(arena.settings), arena.load(200):
        await arena.caught_up()
        assert await differ(arena) == []
