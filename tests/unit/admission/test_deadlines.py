"""How long a recipient may take to answer: by policy, by its service, in the initiative's own days."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.admission import enrich
from services.admission.context import Context
from tests.support.events import ident
from tests.support.scene import context, drafted, refused, standing
from tests.support.telling import offered


def at_most(days: int) -> Context:
    made = standing()
    made.respond_at_most = days
    return context(standing=made)


@pytest.mark.parametrize("respond_by", ["2026-03-16", "2026-03-17T04:59:59.999999Z", "2026-03-02T13:00:00Z"])
def test_an_answer_within_the_days_of_the_policy_may_be_waited_for(respond_by: str) -> None:
    drafted(offered(respond_by=respond_by), at_most(14))


@pytest.mark.parametrize("respond_by", ["2026-03-17", "2026-03-17T05:00:00Z", "2199-01-09"])
def test_one_that_comes_later_is_turned_away(respond_by: str) -> None:
    assert refused(offered(respond_by=respond_by), at_most(14)) == ("respond-by-too-late", "/data/respond_by")


def test_a_policy_that_never_said_so_bounds_by_two_weeks() -> None:
    drafted(offered(respond_by="2026-03-16"))
    assert refused(offered(respond_by="2026-03-17")) == ("respond-by-too-late", "/data/respond_by")
    drafted(offered(respond_by="2026-06-01"), at_most(120))


def test_a_service_says_in_how_many_days_it_answers() -> None:
    made = standing()
    made.services[ident("beds")] = replace(made.services[ident("beds")], respond_days=1)
    found = drafted(offered(respond_by="2026-03-16"), context(standing=made)).admitted
    # Tuesday and Wednesday, to their ends in Chicago.
    assert found["remind_at"] == datetime(2026, 3, 4, 5, 59, 59, 999999, tzinfo=UTC)
    assert found["escalate_at"] == datetime(2026, 3, 5, 5, 59, 59, 999999, tzinfo=UTC)


def test_a_holiday_is_no_day_to_answer_on() -> None:
    made = standing()
    made.holidays = frozenset({"2026-03-03"})
    found = drafted(offered(respond_by="2026-03-16"), context(standing=made)).admitted
    assert found["remind_at"] == datetime(2026, 3, 6, 5, 59, 59, 999999, tzinfo=UTC)


def told(respond_by: str, scene: Context | None = None) -> tuple[str, str]:
    """Return when the recipient of an offer of that Monday at 6 in Chicago is reminded, and its sender told."""
    found = drafted(offered(respond_by=respond_by), scene or context()).admitted
    return _clock(found["remind_at"]), _clock(found["escalate_at"])


def _clock(instant: datetime) -> str:
    """Return the minute in Chicago; a day's last microsecond belongs to the next one's midnight."""
    return f"{(instant + timedelta(seconds=1)).astimezone(ZoneInfo('America/Chicago')):%a %d %H:%M}"


#: By when an answer is due; when its recipient is reminded and its sender told.
IN_TIME = {
    # The day that the page proposes.
    "two business days": ("2026-03-04", "Wed 04 00:00", "Wed 04 12:00"),
    "three": ("2026-03-05", "Thu 05 00:00", "Thu 05 12:00"),
    "four": ("2026-03-06", "Thu 05 00:00", "Fri 06 00:00"),
    "over a weekend": ("2026-03-08", "Thu 05 00:00", "Fri 06 00:00"),
    "as the policy says": ("2026-03-10", "Thu 05 00:00", "Sat 07 00:00"),
    "the next day": ("2026-03-03", "Tue 03 03:00", "Tue 03 13:30"),
    "the same day": ("2026-03-02", "Mon 02 15:00", "Mon 02 19:30"),
    "in the middle of a day": ("2026-03-04T20:00:00Z", "Tue 03 03:00", "Tue 03 13:30"),
    "in an hour": ("2026-03-02T13:00:00Z", "Mon 02 06:30", "Mon 02 06:45"),
}


@pytest.mark.parametrize(("respond_by", "remind_at", "escalate_at"), IN_TIME.values(), ids=IN_TIME.keys())
def test_both_sides_are_told_while_they_can_act(respond_by: str, remind_at: str, escalate_at: str) -> None:
    assert told(respond_by) == (remind_at, escalate_at)


def test_by_the_policy_alone_nobody_would_be_told_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: what is due by the policy comes as the offer ends, or later."""
    monkeypatch.setattr(enrich, "in_time", lambda due, *_: due)
    found = drafted(offered(respond_by="2026-03-04")).admitted
    ends = datetime(2026, 3, 5, 5, 59, 59, 999999, tzinfo=UTC)
    assert found["remind_at"] == ends < found["escalate_at"]


def test_a_slow_service_is_reminded_when_it_would_answer_or_a_day_before_it_must() -> None:
    made = standing()
    made.services[ident("beds")] = replace(made.services[ident("beds")], respond_days=7)
    scene = context(standing=made)
    days = ("2026-03-16", "2026-03-11", "2026-03-09")
    assert [told(day, scene)[0] for day in days] == ["Thu 12 00:00", "Wed 11 00:00", "Sat 07 00:00"]


def test_a_holiday_is_no_day_to_act_on() -> None:
    made = standing()
    made.holidays = frozenset({"2026-03-04"})
    assert told("2026-03-05", context(standing=made)) == ("Wed 04 03:00", "Thu 05 01:30")


@pytest.mark.parametrize("respond_by", ["2026-03-02T12:00:00Z", "2026-03-02T12:00:00.000001Z", "2026-02-20"])
def test_nobody_is_told_of_what_ends_as_it_begins(respond_by: str) -> None:
    assert {"remind_at", "escalate_at"}.isdisjoint(drafted(offered(respond_by=respond_by)).admitted)
