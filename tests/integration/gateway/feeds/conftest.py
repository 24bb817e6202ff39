"""Partners that tell each other things, while feeds are folded too."""

from collections.abc import AsyncIterator

import pytest

from projections.communication import COMMUNICATION
from services.gateway.parts import Parts
from tests.support import doors, reading


@pytest.fixture
async def fed(told: Parts) -> AsyncIterator[Parts]:
    """The parts, while referrals and feeds are folded, with one referral that the clinic sent to the shelter."""
    async with doors.folding(told.settings, COMMUNICATION), doors.partner(told, "clinic") as clinic:
        await reading.agreed(clinic, "1")
        await reading.referred(clinic, "1")
        yield told
