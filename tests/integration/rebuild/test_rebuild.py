"""A rebuild gives the served build's bytes, whatever goes on meanwhile, and names what is not so."""

import asyncio
from dataclasses import replace

import asyncpg
import orjson
import pytest

from projections.referral import REFERRAL
from services.ops.errors import BuildExists, BuildServed, NothingFolded
from services.ops.rebuild.rebuilding import Plan, Verdict, rebuild
from services.ops.rebuild.shown import document, sentences
from services.runtime.log import spans
from services.runtime.refold import BuildAhead
from tests.integration.rebuild.conftest import PARTITIONS, Command
from tests.support import cases
from tests.support.cases import story
from tests.support.events import ident
from tests.support.stage import Stage
from tests.support.wait import until

PLAN = Plan(REFERRAL, "again", workers=2, keep=False)
PERSISTENCE = """select distinct c.relpersistence::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = $1 and c.relkind in ('r', 'i')"""


class Quiet:
    """Shows nothing; counts what it is told of."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.count = 0

    def step(self, name: str, total: int | None) -> None:
        self.steps.append(name)

    def advance(self, count: int) -> None:
        self.count += count


async def again(stage: Stage, plan: Plan = PLAN) -> Verdict:
    return await rebuild(stage.settings, plan, Quiet())


async def asked(stage: Stage, query: str, *arguments: object, schema: str | None = None) -> list[asyncpg.Record]:
    """Ask this schema, else the served one."""
    path = {"search_path": schema or stage.schema}
    connection = await asyncpg.connect(stage.settings.postgres, server_settings=path)
    try:
        return list(await connection.fetch(query, *arguments))
    finally:
        await connection.close()


async def there(stage: Stage, plan: Plan = PLAN) -> bool:
    return bool(await asked(stage, "select from pg_namespace where nspname = $1", plan.schema))


async def test_a_rebuild_is_equal_byte_for_byte_and_dropped(folded: Stage) -> None:
    found = await again(folded)
    tables = found.comparison.one.tables
    assert found.comparison.differences == []
    assert found.comparison.one == found.comparison.other
    assert found.events == sum(map(len, folded.sent.values()))
    assert (tables["client"].rows, tables["referral"].rows) == (40, 40)
    assert min(tables[name].rows for name in ("timeline", "refusal", "sealed_text")) > 20
    assert not await there(folded)


async def test_a_kept_build_survives_crashes_and_serves_as_the_next_one(folded: Stage) -> None:
    plan = replace(PLAN, keep=True)
    assert (await again(folded, plan)).comparison.differences == []
    assert [tuple(row) for row in await asked(folded, PERSISTENCE, plan.schema)] == [("p",)]
    await folded.publish(cases.log(range(40, 50), PARTITIONS))
    follower = Stage(replace(folded.settings, build=plan.build), REFERRAL, folded.sent)
    async with folded.running(), follower.running():
        await folded.caught_up()
        await follower.caught_up()
    found = await again(folded, replace(plan, begin="resume"))
    assert (found.comparison.differences, found.events) == ([], 0)


async def test_doctored_rows_are_found_and_named_and_sealed_text_is_never_shown(folded: Stage) -> None:
    text = "canary of a sealed text"
    await asked(folded, "update referral set sender = 'mallory' where id = $1", _referral(1))
    await asked(folded, "delete from timeline where subject = $1 and type like '%viewed'", _referral(2))
    await asked(folded, "update sealed_text set sealed = $2 where record = $1", _client(1), text)
    found = await again(folded)
    shown = "\n".join(sentences(found))
    assert found.comparison.counts == {"referral": 1, "sealed_text": 2, "timeline": 1}
    assert "DIFFERENT" in shown
    assert f"referral riverbend {_client(1)} {_referral(1)}:\n    sender: served mallory, rebuilt clinic" in shown
    assert f"timeline riverbend {_client(2)}" in shown
    assert "only the rebuilt build has it" in shown
    assert text not in shown + orjson.dumps(document(found)).decode()
    assert shown.count("sealed: served (withheld), rebuilt (withheld)") == 2


async def test_a_position_that_was_moved_is_found(folded: Stage) -> None:
    await asked(folded, "update position set last_hash = 'x' where partition = 1")
    assert (await again(folded)).comparison.differences == [f"partition {folded.topic}-1"]


async def test_records_in_another_partition_are_refused_again(folded: Stage, manyhands: Command) -> None:
    strays = [(key, value, (number + 1) % PARTITIONS) for key, value, number in cases.log(range(200, 210), PARTITIONS)]
    await folded.publish(strays)
    await folded.publish(cases.log(range(200, 210), PARTITIONS))
    async with folded.running():
        await folded.caught_up()
    assert (await again(folded)).comparison.differences == []
    assert len(await asked(folded, "select from client")) == 50
    listed = orjson.loads((await manyhands("refusals", "list", "--json", "--limit", "1000")).stdout)["refusals"]
    refused = [line for line in listed if line["detail"] == "wrong-partition"]
    assert len(refused) == sum(key != b"nobody" for key, _, _ in strays)


async def test_it_ends_while_the_log_grows_and_the_served_build_with_it(folded: Stage) -> None:
    rebuilding = asyncio.create_task(again(folded))
    async with folded.running():
        for first in range(100, 100_000, 5):
            await folded.publish(cases.log(range(first, first + 5), PARTITIONS, first))
            if rebuilding.done():
                break
        await folded.caught_up()
    found = await rebuilding
    assert found.comparison.differences == []
    assert sum(each.next_offset for each in found.comparison.other.vector.values()) == found.events


async def test_an_interrupted_rebuild_is_gone_on_with(folded: Stage) -> None:
    await folded.publish(cases.log(range(1000, 1400), PARTITIONS))
    async with folded.running():
        await folded.caught_up()
    first = asyncio.create_task(again(folded))

    async def begun() -> bool:
        return await there(folded) and bool(await asked(folded, "select from position", schema=PLAN.schema))

    await until(begun)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert await there(folded)
    with pytest.raises(BuildExists):
        await again(folded)
    found = await again(folded, replace(PLAN, begin="resume"))
    assert found.comparison.differences == []
    assert found.events < sum(map(len, folded.sent.values()))
    assert not await there(folded)


async def test_begun_anew_it_takes_nothing_from_what_was_there(folded: Stage) -> None:
    plan = replace(PLAN, keep=True)
    await again(folded, plan)
    await asked(folded, "update referral set sender = 'mallory'", schema=plan.schema)
    found = await again(folded, replace(plan, begin="anew"))
    assert (found.comparison.differences, found.events) == ([], sum(map(len, folded.sent.values())))


async def test_the_served_build_is_never_written(folded: Stage) -> None:
    before = await folded.positions()
    plans = [replace(PLAN, build="a"), replace(PLAN, build="a", begin="resume"), replace(PLAN, build="a", begin="anew")]
    for plan in plans:
        with pytest.raises(BuildServed):
            await again(folded, plan)
    assert await folded.positions() == before


async def test_a_build_that_is_ahead_is_not_compared(folded: Stage) -> None:
    await again(folded, replace(PLAN, keep=True))
    await asked(folded, "update position set next_offset = next_offset - 1 where partition = 0")
    with pytest.raises(BuildAhead):
        await again(folded, replace(PLAN, begin="resume"))


async def test_nothing_served_is_nothing_to_compare(stage: Stage) -> None:
    with pytest.raises(NothingFolded):
        await again(stage)


async def test_the_command_answers_in_words_and_in_json(folded: Stage, manyhands: Command) -> None:
    spoken = await manyhands("rebuild", "referral", "--workers", "1")
    assert (spoken.exit_code, spoken.stdout.splitlines()[0].split(":")[0]) == (0, "Equal")
    await asked(folded, "update client set consents = 9 where id = $1", _client(1))
    answer = await manyhands("rebuild", "referral", "--json")
    found = orjson.loads(answer.stdout)
    ends = {f"{topic}-{number}": end for (topic, number), (_, end) in (await spans(folded.settings, TOPICS)).items()}
    assert (answer.exit_code, found["equal"], found["vector"]) == (1, False, ends)
    (difference,) = found["differences"]
    assert (difference["table"], difference["key"]["id"], difference["columns"]) == ("client", _client(1), ["consents"])


TOPICS = [REFERRAL.topic]


def _client(number: int) -> str:
    return ident(f"client {number}")


def _referral(number: int) -> str:
    return str(story(number)[2].subject)
