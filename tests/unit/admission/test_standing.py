"""Days in a zone, and who belongs to what."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from services.admission.standing import Member, Standing, Window, first_instant, zone_of


@pytest.mark.parametrize(
    ("day", "zone", "instant"),
    [
        ("2026-07-01", "America/Chicago", datetime(2026, 7, 1, 5, tzinfo=UTC)),
        # The clocks go from midnight to one: the day begins at one.
        ("2018-11-04", "America/Sao_Paulo", datetime(2018, 11, 4, 3, tzinfo=UTC)),
        # The first hour comes twice: the day begins with the first.
        ("2023-10-29", "Atlantic/Azores", datetime(2023, 10, 29, 0, tzinfo=UTC)),
        # The island went over the date line and skipped the day.
        ("2011-12-30", "Pacific/Apia", None),
        ("2026-02-30", "Europe/Berlin", None),
        ("2024-02-29", "Europe/Berlin", datetime(2024, 2, 28, 23, tzinfo=UTC)),
    ],
)
def test_day_begins_when_its_zone_says(day: str, zone: str, instant: datetime | None) -> None:
    assert first_instant(day, ZoneInfo(zone)) == instant


def test_zone_of_no_map_is_none() -> None:
    assert zone_of("Middle/Earth") is None
    assert zone_of("Europe/Berlin") == ZoneInfo("Europe/Berlin")


def test_members_move_with_their_classes_and_leave_when_inactive() -> None:
    standing = Standing()
    clinic = Member(active=True, agreed=True, aggregate_only=False, classes=("clinic",), networks=("all",))
    standing.take_member("a", clinic)
    standing.take_member("b", clinic)
    assert standing.class_members(["clinic", "none"]) == ["a", "b"]
    standing.take_member("a", replace(clinic, classes=("school",)))
    standing.take_member("b", replace(clinic, active=False))
    assert standing.class_members(["clinic"]) == []
    assert standing.class_members(["clinic", "school"]) == ["a"]
    assert standing.network_members(["all"]) == ["a"]


def test_window_covers_its_partners_from_end_to_end() -> None:
    since, until = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 12, 31, tzinfo=UTC)
    window = Window(frozenset({"a"}), since, until)
    assert window.covers("a", since)
    assert window.covers("a", until)
    assert not window.covers("b", since)
    assert not window.covers("a", datetime(2024, 12, 31, tzinfo=UTC))
