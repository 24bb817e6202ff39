"""A log that does not answer: the outcome is called unknown, nothing hangs, and a retry is a retry."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from events.topics import CASES
from services.admission.directory import Directory, LogAway
from services.admission.publish import At, Outgoing, Publisher
from services.admission.wiring import opened
from services.ops import local
from services.ops.local.kafka import Kafka
from services.runtime import log
from services.runtime.settings import Settings
from tests.support.admitting import clinic, codes, found, said

NOBODY = "127.0.0.1:9"


@pytest.fixture
async def lone(tmp_path: Path) -> AsyncIterator[tuple[Settings, Kafka]]:
    """A deployment with servers of its own, which the test may stop."""
    servers = local.up(tmp_path)
    try:
        made = Settings(tmp_path, servers.kafka, servers.postgres, partitions=2)
        await log.create_topics(made)
        yield made, Kafka(tmp_path)
    finally:
        local.reset(tmp_path)


async def test_publisher_says_unknown_when_no_broker_answers(settings: Settings) -> None:
    publisher = Publisher(replace(settings, kafka=NOBODY), deadline=2)
    assert await publisher.publish([Outgoing(CASES, "a", b"{}")]) == [None]
    await publisher.close()


async def test_publisher_recovers_when_the_topic_is_there(settings: Settings) -> None:
    publisher = Publisher(settings)
    missing = Publisher(replace(settings, topic_prefix="none."), deadline=1)
    assert await missing.publish([Outgoing(CASES, "a", b"{}")]) == [None]
    [at] = await publisher.publish([Outgoing(CASES, "a", b"{}")])
    assert isinstance(at, At)
    await missing.close()
    await publisher.close()


async def test_records_are_bounded_and_in_order_in_a_small_room(settings: Settings) -> None:
    publisher = Publisher(settings, in_flight=1)
    outgoing = [Outgoing(CASES, "a", b"%d" % each * 1000) for each in range(600)]
    places = await publisher.publish(outgoing)
    offsets = [at.offset for at in places if at is not None]
    assert offsets == list(range(600))
    await publisher.close()


async def test_directory_needs_the_log_once(settings: Settings) -> None:
    with pytest.raises(LogAway):
        async with Directory(replace(settings, kafka=NOBODY)):
            pass


async def test_stopped_broker_turns_rows_away_and_a_retry_gets_in(lone: tuple[Settings, Kafka]) -> None:
    settings, kafka = lone
    row = said("client.registered", "c", {}, client="own:1")
    async with opened(settings, deadline=2.0) as admission:
        await found(admission)
        kafka.stop()
        assert codes(await admission.admit(clinic, [row, b"no"])) == ["log-unavailable", "not-json"]
        kafka.start()
        assert codes(await admission.admit(clinic, [row])) == [None]
