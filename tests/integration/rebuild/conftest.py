"""A stage for each test: the referral projection served on a topic of its own, and the command that looks at it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from events import topics
from projections.referral import REFERRAL
from services.ops import local, main
from services.ops.rebuild.orders import environ
from services.runtime import log
from services.runtime.settings import Settings
from tests.support import cases
from tests.support.stage import Stage

PARTITIONS = 3
Command = Callable[..., Awaitable[Result]]


@pytest.fixture
async def stage(servers: local.Servers, database: str, topic_prefix: str, tmp_path: Path) -> Stage:
    """A log of 40 clients' stories, not folded yet."""
    settings = Settings(
        tmp_path, servers.kafka, database, topic_prefix=topic_prefix, partitions=PARTITIONS, session=6, batch=50
    )
    await log.create_topics(settings, [topics.CASES])
    made = Stage(settings, REFERRAL)
    await made.publish(cases.log(range(40), PARTITIONS))
    return made


@pytest.fixture
async def folded(stage: Stage) -> Stage:
    """The same, folded by a processor that has stopped again."""
    async with stage.running():
        await stage.caught_up()
    return stage


@pytest.fixture
def manyhands(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command line, for this stage's deployment."""
    for name, value in environ(stage.settings).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("COLUMNS", "200")  # no cell of a table is folded

    async def run(*arguments: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, main.app, list(arguments))

    return run
