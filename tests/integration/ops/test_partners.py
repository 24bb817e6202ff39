"""Who takes part, read from the log alone."""

from datetime import UTC, datetime

import pytest

from services.ops.gathering import gathered, states
from services.ops.partners import partner_line, service_line
from services.runtime.settings import Settings
from tests.support.admitting import BACKBONE, CLINIC, NEWCOMER, REFUGE, SHELTER
from tests.support.events import INITIATIVE, ident


@pytest.fixture
def settings(begun: Settings) -> Settings:
    return begun


async def test_partners_are_listed_with_what_lets_them_speak(settings: Settings) -> None:
    store = await gathered(settings)
    lines = {key.id: partner_line(key, state) for key, state in states(store, "partner", INITIATIVE)}
    assert lines.keys() == {BACKBONE, CLINIC, SHELTER, REFUGE, NEWCOMER}
    assert lines[NEWCOMER]["agreement"] is None
    assert lines[REFUGE]["reporting"] == "aggregate-only"
    assert lines[CLINIC]["classes"] == ["clinic"]


async def test_services_are_listed_with_the_ids_that_offers_name(settings: Settings) -> None:
    store = await gathered(settings)
    [line] = [service_line(key, state, datetime.now(UTC)) for key, state in states(store, "service", None)]
    assert (line["id"], line["partner"], line["accepts_referrals"]) == (ident("beds"), SHELTER, True)
    assert (line["capacity"], line["capacity_age"]) == (None, None)


async def test_another_initiative_shows_nothing(settings: Settings) -> None:
    assert list(states(await gathered(settings), "partner", "elsewhere")) == []
