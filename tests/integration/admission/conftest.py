"""Admission on a real log and a real register."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.admission.admission import Admission
from services.admission.wiring import opened
from services.runtime.log import create_topics
from services.runtime.settings import Settings


@pytest.fixture
def settings(begun: Settings) -> Settings:
    """A deployment that was just founded."""
    return begun


@pytest.fixture
async def unfounded(kafka: str, database: str, topic_prefix: str, tmp_path: Path) -> Settings:
    """A deployment with empty topics of three partitions."""
    made = Settings(tmp_path, kafka, database, topic_prefix=topic_prefix, partitions=3)
    await create_topics(made)
    return made


@pytest.fixture
async def admission(settings: Settings) -> AsyncIterator[Admission]:
    async with opened(settings) as made:
        yield made
