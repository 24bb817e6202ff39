"""A rebuild that is disturbed goes on, or begins again, or says what is wrong; it is never wrong itself."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from events import topics
from events.codec import write
from projections.record import Partition
from projections.referral import REFERRAL
from projections.store import PostgresStore, create_schema
from services.ops import local
from services.ops.builds import database
from services.ops.errors import RebuildFailed
from services.ops.rebuild.rebuilding import rebuild
from services.runtime import log
from services.runtime.errors import Fault
from services.runtime.refold import Refold
from services.runtime.settings import Settings
from tests.integration.rebuild.conftest import PARTITIONS, Command
from tests.integration.rebuild.test_rebuild import PLAN, Quiet, again, asked, there
from tests.support import cases
from tests.support.events import Told
from tests.support.stage import Stage
from tests.support.wait import until


async def test_a_worker_that_dies_ends_it_and_it_is_gone_on_with(folded: Stage) -> None:
    await folded.publish(cases.log(range(1000, 1300), PARTITIONS))
    async with folded.running():
        await folded.caught_up()
    running = asyncio.create_task(again(folded))
    (worker, *_) = await until(_workers)
    worker.kill()
    with pytest.raises(RebuildFailed, match="a worker ended"):
        await running
    assert not _workers()
    assert (await again(folded, replace(PLAN, begin="resume"))).comparison.differences == []


def _workers() -> list[psutil.Process]:
    return [each for each in psutil.Process().children() if "services.ops.rebuild.worker" in each.cmdline()]


async def test_two_rebuilds_of_one_build_do_not_meet(folded: Stage) -> None:
    found = await asyncio.gather(again(folded), again(folded, replace(PLAN, begin="resume")), return_exceptions=True)
    codes = [getattr(each, "code", "equal") for each in found]
    assert sorted(codes) == ["build-taken", "equal"]


async def test_another_writer_of_the_build_is_noticed(folded: Stage) -> None:
    (length,) = [len(lines) for number, lines in folded.sent.items() if number == 0]
    target = {Partition(folded.topic, 0): length}
    async with database(folded.settings, "test") as pool:
        async with pool.acquire() as connection:
            await create_schema(connection, REFERRAL, PLAN.schema)
        both = [
            Refold(folded.settings, REFERRAL, PostgresStore(pool, REFERRAL, PLAN.schema), lambda _: None)
            for _ in range(2)
        ]
        found = await asyncio.gather(*(each.to(target) for each in both), return_exceptions=True)
    assert sorted(type(each).__name__ for each in found) == ["BuildTaken", "NoneType"]
    assert (await again(folded, replace(PLAN, begin="resume"))).comparison.differences == []


async def test_a_log_that_was_made_anew_is_noticed_before_anything_is_folded(folded: Stage) -> None:
    await again(folded, replace(PLAN, keep=True))
    await asked(folded, "update position set next_offset = next_offset + 5")
    sent = {number: list(lines) for number, lines in folded.sent.items()}
    await folded.recreate()
    for number, lines in sent.items():
        told = Told(client=folded.client("late", number))
        await folded.publish(lines[::-1])
        await folded.say(number, [told("client.registered") for _ in range(5)])
    before = await asked(folded, "select * from position", schema=PLAN.schema)
    with pytest.raises(RebuildFailed) as noticed:
        await again(folded, replace(PLAN, begin="resume"))
    assert noticed.value.code == "log-replaced"
    assert await asked(folded, "select * from position", schema=PLAN.schema) == before


async def test_a_log_that_was_cut_is_noticed(folded: Stage) -> None:
    await folded.recreate()
    with pytest.raises(RebuildFailed) as noticed:
        await again(folded)
    assert noticed.value.code == "log-cut"


async def test_a_type_from_a_newer_build_ends_it(folded: Stage) -> None:
    told = Told(client=folded.client("ahead", 0))
    newer = write(told("client.registered")).replace(b"client.registered.v1", b"client.praised.v1")
    await folded.publish([(told.client.encode(), newer, 0)])
    await asked(folded, "update position set next_offset = next_offset + 1 where partition = 0")
    with pytest.raises(RebuildFailed) as noticed:
        await again(folded)
    assert noticed.value.code == "unknown-type-on-log"


@pytest.fixture
async def own(tmp_path: Path, kafka: str, topic_prefix: str) -> AsyncIterator[Stage]:
    """A stage whose PostgreSQL is the test's own, to be stopped."""
    home = tmp_path / "own"
    postgres = local.Postgres(home)
    try:
        uri = await asyncio.to_thread(postgres.start)
        settings = Settings(tmp_path, kafka, uri, topic_prefix=topic_prefix, partitions=PARTITIONS, session=6)
        await log.create_topics(settings, [topics.CASES])
        yield Stage(settings, REFERRAL)
    finally:
        await asyncio.to_thread(postgres.stop)


async def test_a_database_that_stops_at_once_takes_rows_and_positions_together(own: Stage) -> None:
    await own.publish(cases.log(range(700), PARTITIONS))
    async with own.running():
        await own.caught_up(timeout=120)
    postgres = local.Postgres(own.settings.home / "own")
    running = asyncio.create_task(again(own))

    async def begun() -> bool:
        return await there(own) and bool(await asked(own, "select from position", schema=PLAN.schema))

    await until(begun)
    await asyncio.to_thread(postgres.stop, "immediate")
    with pytest.raises(Fault) as ended:
        await running
    assert ended.value.code == "database-away"
    await asyncio.to_thread(postgres.start)
    for query in ("select from position", "select from client", "select from timeline"):
        assert not await asked(own, query, schema=PLAN.schema)
    found = await again(own, replace(PLAN, begin="resume", keep=True))
    assert (found.comparison.differences, found.events) == ([], sum(map(len, own.sent.values())))
    await asyncio.to_thread(postgres.restart, "immediate")
    kept = await again(own, replace(PLAN, begin="resume"))
    assert (kept.comparison.differences, kept.events) == ([], 0)


async def test_the_command_says_what_is_away(stage: Stage, manyhands: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MANYHANDS_POSTGRES", "postgresql://nobody@127.0.0.1:1/nothing")
    assert getattr((await manyhands("rebuild", "referral")).exception, "code", None) == "database-away"
    monkeypatch.delenv("MANYHANDS_POSTGRES")
    assert getattr((await manyhands("rebuild", "referral")).exception, "code", None) == "servers-unknown"


async def test_kafka_away_is_a_fault_of_the_rebuild(folded: Stage) -> None:
    away = replace(folded.settings, kafka="127.0.0.1:1")
    with pytest.raises(RebuildFailed) as ended:
        await rebuild(away, PLAN, Quiet())
    assert ended.value.code == "kafka-away"
