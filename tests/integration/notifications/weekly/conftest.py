"""A partner that is mailed, and what it said of its room before."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from services.gateway.parts import Parts, opened
from services.runtime.settings import Settings
from tests.support import linking, reading
from tests.support.admitting import codes, said, shelter
from tests.support.reading import MEALS
from tests.support.weekly import SOUP


@pytest.fixture
async def parts(settings: Settings) -> AsyncIterator[Parts]:
    """The gateway's parts; the shelter said nine days ago how much room one service has, and nothing of another."""
    async with opened(settings) as made:
        await reading.prepared(made)
        soup = {"service_id": SOUP, "name": "Soup", "needs": ["food"], "accepts_referrals": True}
        then = (datetime.now(UTC) - timedelta(days=9)).isoformat()
        room = {"service_id": MEALS, "status": "capacity", "available": 4, "maximum": 10, "unit": "meal"}
        told = [
            said("partner.service_published", "soup", soup | {"programme_class": "general"}),
            said("partner.capacity_reported", "room", room, time=then),
        ]
        assert set(codes(await made.admission.admit(shelter, told))) == {None}
        await linking.addressed(made)
        yield made
