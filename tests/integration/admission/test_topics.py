"""Whoever publishes looks at its topics first: under another count, folds would refuse each event as misplaced."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from events.topics import ALL, CASES
from events.topics import settings as topic_settings
from services.admission.app import Process
from services.admission.directory import LogAway
from services.admission.wiring import opened
from services.gateway.serve import Gateway
from services.ops import publish
from services.runtime import log
from services.runtime.errors import Fault, PartitionsDiffer, TopicMissing, TopicSettingsDiffer
from services.runtime.settings import Settings
from tests.support.admitting import records

#: What opens admission to publish: the two processes, and the command.
DOORS: list[Callable[[Settings], Any]] = [
    lambda settings: Process(settings).run(),
    lambda settings: Gateway(settings).run(),
    lambda settings: publish._publish(settings, publish.Call("-", "clinic", None, None, None, False, True)),
]


@pytest.mark.parametrize("door", DOORS, ids=["intake", "gateway", "publish"])
async def test_nothing_opens_over_topics_of_another_count(unfounded: Settings, door: Callable[[Settings], Any]) -> None:
    mistaken = replace(unfounded, partitions=2, gateway_port=0)
    with pytest.raises(PartitionsDiffer, match="has 3 partitions where 2 are expected"):
        await asyncio.wait_for(door(mistaken), 60)
    assert [await records(unfounded, topic) for topic in ALL] == [[], [], []]


async def test_topic_that_is_not_there_is_named(settings: Settings) -> None:
    with pytest.raises(TopicMissing, match=r"nowhere\.manyhands\.cases"):
        await _open(replace(settings, topic_prefix="nowhere."))


async def test_topic_whose_history_would_expire_is_not_published_to(
    kafka: str, database: str, topic_prefix: str, tmp_path: Path
) -> None:
    settings = Settings(tmp_path, kafka, database, topic_prefix=topic_prefix, partitions=3)
    async with log.admin(settings) as client:
        short = replace(CASES, kept=topic_settings(1) | {"retention.ms": "1000"})
        await log._create(client, [log._new(settings, short, 1)])
    with pytest.raises(TopicSettingsDiffer):
        await log.create_topics(settings)
    with pytest.raises(TopicSettingsDiffer, match=r"retention\.ms=1000"):
        await _open(settings)


async def test_broker_that_does_not_answer_is_away_and_no_fault_of_the_topics(settings: Settings) -> None:
    with pytest.raises(LogAway) as away:
        await _open(replace(settings, kafka="127.0.0.1:9"))
    assert isinstance(away.value, Fault)


async def _open(settings: Settings) -> None:
    async with opened(settings):
        pass
