"""What cannot be folded stops its partition: loudly, and alone."""

from collections.abc import Mapping
from dataclasses import replace
from io import StringIO

import orjson
import pytest

from events.catalogue import Event
from events.codec import write
from projections.projection import Case, Key, State
from projections.rulebook import Rule
from services.runtime import log
from services.runtime.errors import PartitionsDiffer, TopicMissing
from services.runtime.processor import Processor, RulesTooLate
from tests.support.events import Told, ident
from tests.support.stage import Stage, probe
from tests.support.toy import Toy
from tests.support.wait import until

BROKEN = ident("breaks the rule")


def breaking(stage: Stage, partition: int) -> Event:
    """Return what brings the fault out in this partition."""
    return Told(client=stage.client("breaks the rule", partition), referral=BROKEN)("referral.requested")


class Faulty(Toy):
    """A toy whose fold has a fault that referrals of one name bring out."""

    def evolve(self, event: Event, case: Case) -> Mapping[Key, State]:
        if event.subject == BROKEN:
            raise ZeroDivisionError("canary Ada Lovelace")
        return super().evolve(event, case)


def codes(processor: Processor) -> dict[object, object]:
    """Return the code that each partition stopped for."""
    return {each["partition"]: each["code"] for each in processor.health().stopped}


async def test_fault_in_a_rule_stops_its_partition_alone(stage: Stage, written: StringIO) -> None:
    stage.projection = Faulty()
    await stage.tell(0, 1, 40)
    await stage.say(1, [breaking(stage, 1)])
    await stage.tell(1, 2, 40)
    async with stage.running() as processor:
        await stage.caught_up([0])
        await until(lambda: codes(processor))
        await stage.tell(0, 3, 40)
        await stage.caught_up([0])
        status, body = await probe(stage.settings, "/healthz")
        (stopped,) = orjson.loads(body)["stopped"]
        assert (status, stopped["partition"], stopped["code"], stopped["offset"]) == (200, 1, "rule-failed", 0)
        assert b'code="rule-failed"' in (await probe(stage.settings, "/metrics"))[1]
    assert 1 not in await stage.positions()
    assert "Lovelace" not in body.decode()
    assert "rule-failed" in written.getvalue()
    assert "Lovelace" not in written.getvalue()


async def test_stopped_partition_stays_out_over_a_rebalance(stage: Stage) -> None:
    stage.projection = Faulty()
    for partition in range(4):
        await stage.tell(partition, partition, 40)
    await stage.say(1, [breaking(stage, 1)])
    async with stage.running() as first:
        await until(lambda: codes(first))
        async with stage.running(Processor(stage.projection, stage.settings)) as second:
            await until(lambda: first.health().partitions == second.health().partitions == 2)
            for partition in range(4):
                await stage.tell(partition, 10 + partition, 40)
            await stage.caught_up([0, 2, 3])
        await until(lambda: first.health().partitions == 4)
        for partition in (0, 2, 3):
            await stage.tell(partition, 20 + partition, 40)
        await stage.caught_up([0, 2, 3])
        assert codes(first) == {1: "rule-failed"}
    expected, found = stage.counts((0, 2, 3)), await stage.tallies()
    assert {name: found[name] for name in expected} == expected


async def test_process_ends_when_all_of_its_partitions_are_stopped(stage: Stage) -> None:
    stage.projection = Faulty()
    for partition in range(4):
        await stage.say(partition, [breaking(stage, partition)])
    assert await Processor(stage.projection, stage.settings).run() == 1


async def test_newer_type_stops_at_its_record(stage: Stage) -> None:
    say = Told(client=stage.client("ahead", 0))
    newer = orjson.loads(write(say("referral.requested"))) | {"type": "org.manyhands.referral.foretold.v1"}
    await stage.tell(0, 1, 10)
    await stage.publish([(newer["partitionkey"].encode(), orjson.dumps(newer), 0)])
    async with stage.running() as processor:
        await until(lambda: codes(processor))
        assert codes(processor) == {0: "unknown-type-on-log"}
    assert await stage.positions() == {0: 10}


async def test_rule_that_comes_too_late_is_refused_at_the_start(stage: Stage) -> None:
    await stage.tell(0, 1, 10)
    async with stage.running():
        await stage.caught_up()
    settings = stage.settings
    late = Toy(rules=[*stage.projection.rulebook.rules, *_renumbered(stage)])
    with pytest.raises(RulesTooLate, match="900"):
        await Processor(late, settings).run()


def _renumbered(stage: Stage) -> list[Rule]:
    return [replace(stage.projection.rulebook.rules[0], number=900)]


async def test_topic_with_another_partition_count_is_refused(stage: Stage) -> None:
    with pytest.raises(PartitionsDiffer):
        await Processor(stage.projection, replace(stage.settings, partitions=8)).run()
    with pytest.raises(TopicMissing):
        await log.check_topics(replace(stage.settings, topic_prefix="nowhere."))


async def test_crash_of_faust_ends_the_process(stage: Stage) -> None:
    await stage.tell(0, 1, 10)
    async with stage.running(code=1) as processor:
        await stage.caught_up()
        assert processor.app
        await processor.app.crash(RuntimeError("canary"))
        await until(lambda: not processor.health().alive)
