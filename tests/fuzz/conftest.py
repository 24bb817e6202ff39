"""The gateway that is asked, over the session's servers."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.runtime.settings import Settings
from tests.fuzz.target import Target, targeted, unlimited


@pytest.fixture
def settings(kafka: str, database: str, topic_prefix: str, tmp_path: Path) -> Settings:
    return unlimited(tmp_path, kafka, database, topic_prefix)


@pytest.fixture
async def target(settings: Settings) -> AsyncIterator[Target]:
    async with targeted(settings) as made:
        yield made
