"""Admission on a real log and a real register."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.admission.admission import Admission
from services.runtime.log import create_topics
from services.runtime.settings import Settings
from tests.support.admitting import riverbend


@pytest.fixture
async def settings(kafka: str, database: str, topic_prefix: str, tmp_path: Path) -> Settings:
    """A deployment with empty topics of three partitions."""
    made = Settings(tmp_path, kafka, database, topic_prefix=topic_prefix, partitions=3)
    await create_topics(made)
    return made


@pytest.fixture
async def admission(settings: Settings) -> AsyncIterator[Admission]:
    async with riverbend(settings) as opened:
        yield opened
