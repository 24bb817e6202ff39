"""A processor folds what stands on the log, once, and goes on where PostgreSQL says."""

from events.codec import write
from tests.support.events import Told, ident
from tests.support.stage import Stage, probe
from tests.support.wait import until

PARTITIONS = range(4)


async def test_catch_up_equals_an_independent_count(stage: Stage) -> None:
    for partition in PARTITIONS:
        for client in range(5):
            await stage.tell(partition, 100 * partition + client, 30)
    async with stage.running():
        await stage.caught_up()
    assert await stage.tallies() == stage.counts()
    assert sum((await stage.positions()).values()) == 600


async def test_restart_goes_on_where_postgresql_stands(stage: Stage) -> None:
    await stage.tell(0, 1, 60)
    async with stage.running():
        await stage.caught_up()
    await stage.tell(0, 2, 60)
    async with stage.running() as again:
        await stage.caught_up()
        folded = again.telemetry.events.labels(stage.topic, 0)._value
        await until(lambda: folded.get() == 60)
    assert await stage.tallies() == stage.counts()


async def test_kafka_is_told_what_postgresql_has(stage: Stage) -> None:
    await stage.tell(1, 1, 60)
    async with stage.running() as processor:
        await stage.caught_up()
    assert (await stage.mirrored(processor.group))[1] == 60


async def test_two_workers_share_and_one_takes_over(stage: Stage) -> None:
    for partition in PARTITIONS:
        await stage.tell(partition, partition, 40)
    async with stage.running() as first:
        async with stage.running() as second:
            await until(lambda: first.health().partitions == second.health().partitions == 2)
            for partition in PARTITIONS:
                await stage.tell(partition, 10 + partition, 40)
            await stage.caught_up()
        await until(lambda: first.health().partitions == 4)
        for partition in PARTITIONS:
            await stage.tell(partition, 20 + partition, 40)
        await stage.caught_up()
    assert await stage.tallies() == stage.counts()


async def test_poison_is_refused_and_its_neighbours_are_folded(stage: Stage) -> None:
    poison = [b"{", None, b"\xff\xfe", b'{"a": "\\u0000"}', b"[" * 100_000, b"\x00"]
    for number, value in enumerate(poison):
        await stage.tell(2, number, 5)
        await stage.publish([(b"anybody", value, 2)])
    async with stage.running():
        await stage.caught_up()
    assert await stage.tallies() == stage.counts()
    refusals = await stage.rows("select code from refusal")
    assert [row["code"] for row in refusals] == ["unreadable"] * len(poison)


async def test_event_in_another_partition_is_refused_and_its_neighbours_are_folded(stage: Stage) -> None:
    astray = Told(client=stage.client("client 1", 0), referral=ident("astray"))
    await stage.tell(0, 1, 20)
    await stage.tell(1, 2, 20)
    ahead = write(astray("referral.requested")).replace(b"requested.v1", b"foretold.v1")
    await stage.say(1, [astray("referral.requested"), astray("client.erased")])
    await stage.publish([(astray.client.encode(), ahead, 1)])
    await stage.tell(1, 3, 20)
    legal = stage.counts()
    del legal[astray.referral]
    async with stage.running():
        await stage.caught_up()
    assert await stage.tallies() == legal
    refusals = await stage.rows("select partition, record_offset, code, detail, type from refusal order by 2")
    assert [tuple(row) for row in refusals] == [
        (1, offset, "unreadable", "wrong-partition", None) for offset in (20, 21, 22)
    ]


async def test_processor_says_how_it_is(stage: Stage) -> None:
    await stage.tell(3, 1, 20)
    async with stage.running():
        await stage.caught_up()
        assert (await probe(stage.settings, "/healthz"))[0] == 200
        assert (await probe(stage.settings, "/readyz"))[0] == 200
        line = f'manyhands_events_total{{partition="3",topic="{stage.topic}"}} 20.0'

        async def counted() -> bool:
            return line.encode() in (await probe(stage.settings, "/metrics"))[1]

        await until(counted)
    assert not list((stage.settings.home / "run").glob("*.json"))


async def test_late_event_is_folded_by_an_idle_worker(stage: Stage) -> None:
    async with stage.running():
        await stage.say(0, [Told(client=stage.client("late", 0))("referral.requested")])
        await stage.caught_up()
    assert await stage.tallies() == stage.counts()
