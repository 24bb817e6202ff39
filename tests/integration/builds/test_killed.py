"""A switch and a retry killed in the middle: everything is as it was, and the next one does it."""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest
from typer.testing import CliRunner

from events import topics
from projections.referral import REFERRAL
from projections.referral.projection import ReferralProjection
from projections.store.pool import Pool
from services.ops import local, main
from services.ops.rebuild.orders import environ
from services.runtime import log
from services.runtime.moment import moment
from services.runtime.parked import is_parked
from services.runtime.processor import Processor
from services.runtime.settings import Settings
from tests.integration.projections.test_releasing import Failing
from tests.support import cases
from tests.support.stage import Stage
from tests.support.wait import until

PARTITIONS = 2
PERSON = str(uuid4())
#: Marks of events' ids on which the broken views fail.
MARKS = tuple("0123456789")
WAITING = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


@pytest.fixture
async def stage(servers: local.Servers, database: str, topic_prefix: str, tmp_path: Path) -> Stage:
    """A log of 12 clients' stories, folded by a processor whose timeline and sealed texts fail now and then."""
    settings = Settings(tmp_path, servers.kafka, database, topic_prefix=topic_prefix, partitions=PARTITIONS, session=6)
    await log.create_topics(settings, [topics.CASES])
    made = Stage(settings, REFERRAL)
    await made.publish(cases.log(range(12), PARTITIONS))
    broken = ReferralProjection()
    broken.views = tuple(Failing(view, *MARKS) for view in broken.views)
    async with made.running(Processor(broken, settings)):
        await made.caught_up()
    return made


async def manyhands(stage: Stage, *arguments: str) -> Any:
    """Run the command to its end and return what it answered."""
    answer = await asyncio.to_thread(CliRunner().invoke, main.app, [*arguments, "--json"], env=environ(stage.settings))
    if answer.exception is not None and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    return orjson.loads(answer.stdout)


@asynccontextmanager
async def held_up(stage: Stage, pool: Pool, lock: str, *arguments: str) -> AsyncIterator[Process]:
    """Start the command and give it once it waits for this lock."""
    program = "import sys; from services.ops.main import main; sys.exit(main())"
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(lock)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, *arguments, env=environ(stage.settings), stdout=DEVNULL
        )
        await until(partial(pool.fetchval, WAITING), 30)
        yield process
        if process.returncode is None:
            process.kill()
        await process.wait()

        async def gone() -> bool:
            asked = "select count(*) from pg_stat_activity where application_name = $1"
            return not await pool.fetchval(asked, f"manyhands {arguments[0]}")

        await connection.execute("rollback; begin")
        await until(gone, 30)


async def parked(stage: Stage, view: str) -> int:
    """Count the entries that wait for the view."""
    return len(await stage.rows(f"select from parked where view = '{view}'"))


async def test_a_retry_that_is_killed_is_as_if_never_begun(stage: Stage, pool: Pool) -> None:
    before = await parked(stage, "timeline")
    asked = ("parked", "retry", "referral", "timeline", "--person", PERSON)
    async with held_up(stage, pool, "lock table keep.parked_act in access exclusive mode", *asked) as process:
        process.kill()
    assert await parked(stage, "timeline") == before > 0
    assert await pool.fetchval("select count(*) from keep.parked_act") == 0
    done = await manyhands(stage, *asked)
    assert {line["left"] for line in done} == {0}
    assert sum(line["entries"] for line in done) == before
    assert await parked(stage, "timeline") == 0


async def test_after_retries_the_build_is_what_its_log_amounts_to(stage: Stage, pool: Pool) -> None:
    for view in ("timeline", "sealed_text", "said", "deadline", "asked"):
        await manyhands(stage, "parked", "retry", "referral", view, "--person", PERSON)
    found = await manyhands(stage, "rebuild", "referral", "--workers", "1")
    assert (found["equal"], found["parked"], found["differences"]) == (True, [], [])
    told = await manyhands(stage, "parked", "list", "--resolved", "--limit", "1000")
    assert {(line["deed"], line["person"], line["why"]) for line in told} == {("retried", PERSON, None)}
    assert all("LookupError in" in line["error"] for line in told)
    assert len(told) == await pool.fetchval("select count(*) from keep.parked_act")


async def test_what_is_skipped_is_noted_and_waits_no_more(stage: Stage) -> None:
    line = next(line for line in await manyhands(stage, "parked", "list") if line["view"] == "sealed_text")
    asked = ("parked", "skip", "referral", "sealed_text", line["aggregate"], "--person", PERSON, "--why", "cannot-mend")
    (done,) = await manyhands(stage, *asked)
    assert (done["id"], done["left"], done["entries"]) == (line["aggregate"], 0, line["waiting"] + 1)
    (told,) = await manyhands(stage, "parked", "list", "--resolved")
    assert (told["deed"], told["why"], told["aggregate"]) == ("skipped", "cannot-mend", line["aggregate"])
    waiting = await manyhands(stage, "parked", "list")
    assert (line["view"], line["aggregate"]) not in {(each["view"], each["aggregate"]) for each in waiting}


async def test_the_timeline_is_never_skipped(stage: Stage) -> None:
    before = await parked(stage, "timeline")
    with pytest.raises(Exception, match="never skipped"):
        await manyhands(stage, "parked", "skip", "referral", "timeline", "x", "--person", PERSON, "--why", "no")
    with pytest.raises(Exception, match="parked there"):
        await manyhands(stage, "parked", "retry", "referral", "sealed_text", str(uuid4()), "--person", PERSON)
    assert await parked(stage, "timeline") == before


async def test_text_about_a_person_stays_closed_while_anything_of_theirs_is_parked(stage: Stage, pool: Pool) -> None:
    line = (await manyhands(stage, "parked", "list"))[0]

    async def waits() -> bool:
        async with moment(pool, line["initiative"]) as connection:
            await connection.execute("set local search_path = api_referral")
            return await is_parked(connection, line["initiative"], line["record"])

    assert await waits()
    for view in ("timeline", "sealed_text", "said", "deadline", "asked"):
        await manyhands(stage, "parked", "retry", "referral", view, "--person", PERSON)
    assert not await waits()


async def test_a_switch_that_is_killed_is_as_if_never_begun(stage: Stage, pool: Pool) -> None:
    await manyhands(stage, "rebuild", "referral", "--build", "b", "--keep", "--workers", "1")
    before = await pool.fetch("select * from keep.active")
    lock = "select from keep.active where projection = 'referral' for update"
    async with held_up(stage, pool, lock, "switch", "referral", "b") as process:
        assert await pool.fetchval("select count(*) from api_referral.referral") == 12
        process.kill()
    assert await pool.fetch("select * from keep.active") == before
    assert "rm_referral_v8_a" in await pool.fetchval("select pg_get_viewdef('api_referral.referral'::regclass)")
    found = await manyhands(stage, "switch", "referral", "b")
    assert (found["changed"], found["after"]["schema"]) == (True, "rm_referral_v8_b")
    assert "rm_referral_v8_b" in await pool.fetchval("select pg_get_viewdef('api_referral.referral'::regclass)")


async def test_builds_are_listed_switched_and_dropped(stage: Stage) -> None:
    await manyhands(stage, "rebuild", "referral", "--build", "b", "--keep", "--workers", "1")
    looked = await manyhands(stage, "switch", "referral", "b", "--dry-run")
    assert (looked["changed"], looked["behind"]) == (False, 0)
    await manyhands(stage, "switch", "referral", "b")
    lines = {line["build"]: line for line in await manyhands(stage, "builds", "list")}
    assert {name: (line["served"], line["behind"], line["lasting"]) for name, line in lines.items()} == {
        "a": (False, 0, True),
        "b": (True, 0, True),
    }
    assert all(line["bytes"] > 0 for line in lines.values())
    for build, complaint in (("b", "is served"), ("c", "no build")):
        answer = await asyncio.to_thread(
            CliRunner().invoke, main.app, ["builds", "drop", "referral", build], env=environ(stage.settings)
        )
        assert complaint in str(answer.exception)
    async with stage.running():
        answer = await asyncio.to_thread(
            CliRunner().invoke, main.app, ["builds", "drop", "referral", "a"], env=environ(stage.settings)
        )
        assert "a processor folds into rm_referral_v8_a" in str(answer.exception)
    await asyncio.to_thread(
        CliRunner().invoke, main.app, ["builds", "drop", "referral", "a"], env=environ(stage.settings)
    )
    assert [line["build"] for line in await manyhands(stage, "builds", "list")] == ["b"]
