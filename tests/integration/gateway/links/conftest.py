"""A gateway that people without an account reach, while cases are folded."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from services.gateway.parts import Parts, opened
from services.runtime.settings import Settings
from tests.support import doors, linking, people, reading


@pytest.fixture
def settings(begun: Settings) -> Settings:
    """A deployment that was just founded, whose mails go into a folder."""
    return replace(begun, public_url=people.PUBLIC, smtp="folder", limit_signins=100_000)


@pytest.fixture
async def parts(settings: Settings) -> AsyncIterator[Parts]:
    """The gateway's parts, with partners that can speak, one of which has its mails sent somewhere."""
    async with opened(settings) as made:
        await reading.prepared(made)
        await linking.addressed(made)
        async with doors.folding(settings):
            yield made
