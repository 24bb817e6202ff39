from datetime import UTC, datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from events.catalogue import short, type_of
from events.referral import Event
from projections.referral.transitions import MOVES
from services.gateway.pages.words import DETAILS, EVENTS, business_day, distance, listed, local, span

CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2026, 3, 6, 15, 0, tzinfo=UTC)


def test_every_fine_state_and_every_event_has_words() -> None:
    assert {move.detail for move in MOVES if move.detail} <= set(DETAILS)
    assert {short(type_of(each)) for each in get_args(Event)} <= set(EVENTS)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "less than a minute"),
        (59.9, "less than a minute"),
        (60, "1 minute"),
        (3600, "1 hour"),
        (3660, "1 hour 1 minute"),
        (86400 * 2 + 3600 * 3 + 60, "2 days 3 hours"),
        (86400 + 60, "1 day"),
    ],
)
def test_spans_are_said_in_their_largest_units(seconds: float, said: str) -> None:
    assert span(seconds) == said


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        (timedelta(0), "now"),
        (timedelta(seconds=59), "now"),
        (timedelta(minutes=1), "in 1 minute"),
        (timedelta(hours=-47), "1 day 23 hours ago"),
        (timedelta(hours=5), "in 5 hours"),
        (timedelta(days=-2), "2 days ago"),
    ],
)
def test_distance_is_ahead_or_back(ahead: timedelta, said: str) -> None:
    assert distance(NOW + ahead, NOW) == said


def test_moment_is_told_by_the_initiative_s_clock() -> None:
    assert local(datetime(2026, 3, 7, 5, 30, tzinfo=UTC), CHICAGO) == "Fri 6 Mar 2026, 23:30"


def test_business_days_leave_out_weekends_and_holidays() -> None:
    assert business_day(NOW, CHICAGO, 2, ()) == "2026-03-10"
    assert business_day(NOW, CHICAGO, 2, ("2026-03-09",)) == "2026-03-11"
    assert business_day(datetime(2026, 3, 7, 5, 30, tzinfo=UTC), CHICAGO, 1, ()) == "2026-03-09"


def test_names_are_listed_as_a_sentence_does() -> None:
    assert [listed(each) for each in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
