"""When the weekly mail is due, what it asks about, and what it says; told from states and instants alone."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from projections.initiative.state import Capacity, Service
from services.admission.standing import Member, Standing
from services.notifications.weekly.letter import Line, Link, letter
from services.notifications.weekly.listing import asked
from services.notifications.weekly.room import STATUS, room
from services.notifications.weekly.schedule import Occasion, Schedule
from services.runtime.errors import SettingInvalid
from tests.support.events import NOON

CHICAGO = ZoneInfo("America/Chicago")
_READ = Schedule.read("Monday  08:00")
assert _READ is not None
MONDAY: Schedule = _READ


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def at(text: str) -> Schedule:
    found = Schedule.read(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-03-02T13:59:59", "2026-02-23T14:00"),
        ("2026-03-02T14:00:00", "2026-03-02T14:00"),
        # The clocks go forward on 8 March and back on 1 November: eight in the morning stays eight in the morning.
        ("2026-03-09T13:00:00", "2026-03-09T13:00"),
        ("2026-11-02T13:30:00", "2026-10-26T13:00"),
        ("2026-11-02T14:00:00", "2026-11-02T14:00"),
        # Monday has begun in UTC and not yet in Chicago.
        ("2026-11-09T03:00:00", "2026-11-02T14:00"),
    ],
)
def test_mail_is_due_by_the_initiatives_clock(now: str, due: str) -> None:
    found = MONDAY.last(utc(now), CHICAGO)
    assert (found.due, found.due.astimezone(CHICAGO).hour) == (utc(due), 8)
    following = MONDAY.next(utc(now), CHICAGO)
    assert following.due > utc(now)
    assert following.week - found.week == timedelta(days=7)


def test_other_zone_is_due_at_another_time() -> None:
    assert MONDAY.last(utc("2026-11-02T14:00"), ZoneInfo("Europe/Paris")).due == utc("2026-11-02T07:00")


def test_time_that_the_clocks_skip_or_show_twice_comes_once() -> None:
    skipped, twice = at("sunday 02:30"), at("sunday 01:30")
    assert skipped.last(utc("2026-03-08T12:00"), CHICAGO) == Occasion(date(2026, 3, 2), utc("2026-03-08T08:30"))
    for now in ("2026-11-01T06:30", "2026-11-01T07:30"):
        assert twice.last(utc(now), CHICAGO) == Occasion(date(2026, 10, 26), utc("2026-11-01T06:30"))


def test_week_that_was_missed_is_one_mail_and_one_missed_for_long_is_none() -> None:
    after_downtime = MONDAY.last(utc("2026-03-18T09:00"), CHICAGO)
    assert after_downtime.week == date(2026, 3, 16)
    assert not after_downtime.is_missed(utc("2026-03-18T09:00"))
    assert MONDAY.last(utc("2026-03-22T09:00"), CHICAGO).is_missed(utc("2026-03-22T09:00"))


def test_day_that_is_changed_in_the_middle_of_a_week_makes_no_second_mail() -> None:
    now = utc("2026-03-05T18:00")
    assert MONDAY.last(now, CHICAGO).week == at("thursday 09:00").last(now, CHICAGO).week
    assert MONDAY.last(now, CHICAGO).due != at("thursday 09:00").last(now, CHICAGO).due


@pytest.mark.parametrize("text", ["monday", "08:00", "monday 8:00", "monday 24:00", "someday 08:00", "never"])
def test_setting_that_says_no_day_and_time_is_refused(text: str) -> None:
    with pytest.raises(SettingInvalid, match="MANYHANDS_WEEKLY_MAIL"):
        Schedule.read(text)
    assert Schedule.read("OFF") is None


SAID = Capacity(status="capacity", available=4, maximum=10, unit="bed", reported=NOON)
BEDS = Service(
    partner="shelter",
    name="Beds",
    description=None,
    needs=("shelter",),
    areas=(),
    eligibility=None,
    accepts_referrals=True,
    programme_class="general",
    min_attempts=None,
    published=NOON,
    capacity=SAID,
)


def standing(**changed: Any) -> Standing:
    made = Standing(zone=CHICAGO, protected=frozenset({"substance-use"}))
    usual: dict[str, Any] = {"active": True, "agreed": True, "aggregate_only": False, "classes": (), "networks": ()}
    made.take_member("shelter", Member(**usual | changed))
    return made


def test_partner_is_asked_about_services_that_somebody_may_be_sent_to() -> None:
    soup = replace(BEDS, name="A soup kitchen", capacity=None)
    [(partner, found)] = asked([("b", BEDS), ("s", soup)], standing()).items()
    assert (partner, [(each.id, each.name, each.capacity) for each in found]) == (
        "shelter",
        [("s", "A soup kitchen", None), ("b", "Beds", SAID)],
    )


@pytest.mark.parametrize(
    ("service", "member"),
    [
        ({"retired": NOON}, {}),
        ({"accepts_referrals": False}, {}),
        ({"programme_class": "substance-use"}, {}),
        ({"partner": "stranger"}, {}),
        ({}, {"active": False}),
    ],
)
def test_what_is_closed_protected_or_of_nobody_who_takes_part_is_not_asked_about(
    service: dict[str, Any], member: dict[str, Any]
) -> None:
    assert asked([("b", replace(BEDS, **service))], standing(**member)) == {}


def test_room_is_told_in_words() -> None:
    assert room("capacity", 4, 10, "beds") == "room: 4 of 10 beds"
    assert room("waitlist", None, None, "") == "a waiting list"
    assert room("capacity", None, 10, "") == "room: of 10"
    assert {room(status, 0, None, "") for status in STATUS} == {f"{words}: 0" for words in STATUS.values()}


def test_letter_tells_what_was_said_when_and_where_to_confirm_it() -> None:
    now = NOON + timedelta(days=9)
    lines = [Line("Beds <big>", "room: 4 of 10 beds", NOON), Line("Soup", "room: nobody said", None)]
    found = letter("desk@x.example", Link("https://d/w/s", now + timedelta(days=14)), lines, now, CHICAGO)
    assert "Beds <big>\n  room: 4 of 10 beds, said on " in found.text
    assert ", 9 days ago\n" in found.text
    assert "Soup\n  room: nobody said\n" in found.text
    assert '<p><a href="https://d/w/s">https://d/w/s</a></p>' in found.html
    assert "<p>Beds &lt;big&gt;<br>room: 4 of 10 beds" in found.html
