"""Who takes part, read from the log alone."""

from datetime import UTC, datetime

import pytest

from services.admission.wiring import opened
from services.notifications.weekly.schedule import Schedule
from services.ops.gathering import gathered, states
from services.ops.partners import partner_line, service_line
from services.ops.weekly import Mails, lines_of
from services.runtime.settings import Settings
from tests.support.admitting import BACKBONE, CLINIC, NEWCOMER, REFUGE, SHELTER, clinic, codes, said
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


async def test_weekly_mail_is_shown_before_it_goes_and_whom_it_leaves_out(settings: Settings) -> None:
    store, now = await gathered(settings), datetime(2026, 3, 4, 12, tzinfo=UTC)
    mails = Mails({(INITIATIVE, CLINIC): "desk@clinic.example"}, {})
    lines = {line["partner"]: line for line in lines_of(store, INITIATIVE, mails, Schedule.read("monday 08:00"), now)}
    # All that the shelter offers is protected, and the clinic offers nothing.
    assert {line["left_out"] for line in lines.values()} == {"no-services"}
    assert lines[CLINIC]["email"] == "desk@clinic.example"
    async with opened(settings) as admission:
        data = {"service_id": ident("meals"), "name": "Meals", "needs": ["food"], "accepts_referrals": True}
        row = said("partner.service_published", "meals", data | {"programme_class": "general"})
        assert codes(await admission.admit(clinic, [row])) == [None]
    store = await gathered(settings)
    lines = {line["partner"]: line for line in lines_of(store, INITIATIVE, mails, Schedule.read("monday 08:00"), now)}
    assert (lines[CLINIC]["left_out"], lines[CLINIC]["next"]) == (None, datetime(2026, 3, 9, 13, tzinfo=UTC))
    assert [each["name"] for each in lines[CLINIC]["services"]] == ["Meals"]
    off = list(lines_of(store, INITIATIVE, mails, None, now))
    assert {(line["left_out"], line["next"]) for line in off} == {("off", None)}
