"""A backup made in the middle of everything: what comes back fits together, and the intake goes on from it."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random

import asyncpg
import orjson
import pytest

from events import topics
from services.ops import local
from services.ops.backup import kept, making, restoring
from services.ops.backup.making import Plan
from services.ops.bar import Bar, bar
from services.runtime import log
from services.runtime.settings import Settings
from tests.faults.intakes import SOUND, Yard, yard
from tests.support.wait import until

pytestmark = pytest.mark.faults
MORE = 300


class Slow(Bar):
    """Holds a backup up until more is decided, before the log is copied and at its end, as a large log would."""

    def __init__(self, busy: Yard, loop: asyncio.AbstractEventLoop) -> None:
        self._busy = busy
        self._loop = loop
        self._left: int | None = None

    def step(self, name: str, total: int | None) -> None:
        if name == "log":
            self._left = total
            asyncio.run_coroutine_threadsafe(self._more(), self._loop).result()

    def advance(self, count: int) -> None:
        if self._left is not None:
            self._left -= count
            if self._left <= 0:
                self._left = None
                asyncio.run_coroutine_threadsafe(self._more(), self._loop).result()

    async def _more(self) -> None:
        wanted = await self._busy.decided() + MORE
        await until(partial(_past, self._busy, wanted), 60)


@pytest.fixture
def plan(tmp_path: Path) -> Iterator[Plan]:
    """Where the backup goes, and servers that are gone afterwards."""
    yield Plan(tmp_path / "backups", tmp_path / "secrets", True, 7)
    for name in ("lost", "found"):
        local.reset(tmp_path / name)


async def test_copied_while_partners_write_and_an_intake_decides(plan: Plan, tmp_path: Path, seed: int) -> None:
    await _busy(tmp_path / "lost", plan, seed)
    settings = await _back(tmp_path / "found", plan)
    async with asyncpg.create_pool(settings.postgres, min_size=1, max_size=4) as pool:
        found = Yard(settings, pool, Random(seed))
        async with found.intake(SOUND):
            await found.caught_up()
        # What is decided anew carries a salt of its own: another record, and for every fold the same event.
        assert [each for each in await found.complaints() if "forms" not in each] == []
        await _is_whole(found)


async def test_decisions_copied_after_the_log_would_be_lost(
    plan: Plan, tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "FIRST", ())
    await _busy(tmp_path / "lost", plan, seed)
    settings = await _back(tmp_path / "found", plan)
    async with asyncpg.create_pool(settings.postgres, min_size=1, max_size=4) as pool:
        found = await Yard(settings, pool, Random(seed)).complaints()
    assert [each for each in found if "is not where its decision says" in each]


async def _busy(home: Path, plan: Plan, seed: int) -> None:
    """Back up twice under load."""
    servers = local.up(home)
    settings = Settings(home, servers.kafka, servers.postgres, partitions=3)
    async with yard(settings, Random(seed)) as found, found.intake(SOUND), found.writing():
        for _ in range(2):
            await making.make(settings, plan, Slow(found, asyncio.get_running_loop()))


async def _past(found: Yard, count: int) -> bool:
    return await found.decided() >= count


async def _back(home: Path, plan: Plan) -> Settings:
    assert plan.secrets is not None
    with bar() as shown:
        found = restoring.checked(plan.folder, None, plan.secrets, shown)
        restoring.place(home, plan.folder, found, plan.secrets, shown)
        servers = await asyncio.to_thread(local.up, home)
        settings = Settings(home, servers.kafka, servers.postgres, partitions=3)
        await restoring.refill(settings, plan.folder, found, shown)
    return settings


async def _is_whole(restored: Yard) -> None:
    """See that all copies of an event say the same, and that everybody on the log is known."""
    digests: dict[str, set[str]] = defaultdict(set)
    people: set[str] = set()
    spans = await log.spans(restored.settings, [topics.CASES])
    async for _, records in log.read(restored.settings, spans):
        for event in (orjson.loads(each.value or b"") for each in records):
            digests[event["id"]].add(event["data"]["admitted"]["digest"])
            people.add(event["partitionkey"])
    assert [event for event, said in digests.items() if len(said) > 1] == []
    known = {row[0] for row in await restored.pool.fetch("select client::text from keep.client")}
    assert people <= known
