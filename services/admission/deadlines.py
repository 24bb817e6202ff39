"""Days of policy as instants: after admission nobody asks a calendar or a time zone again."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from services.admission.standing import Standing, last_instant

_DAY = timedelta(days=1)
_SATURDAY = 5


def after_business_days(instant: datetime, days: int, standing: Standing) -> datetime | None:
    """Return the end of the business day that is so many of them after the instant's own day, in UTC.

    Saturdays, Sundays and the initiative's holidays are none.  None when nobody opened the initiative yet.
    """
    if standing.zone is None:
        return None
    return _end(instant.astimezone(standing.zone).date(), days, standing.zone, standing.holidays)


def in_time(due: datetime | None, since: datetime, ends: datetime, standing: Standing) -> datetime | None:
    """Return when somebody is told of what ends then: as is due, but so that there is time to act.

    A whole business day is left; where that comes too soon after `since`, half of the time until the last one is over.
    None where nothing is due, or nothing lies between.
    """
    if due is None or standing.zone is None:
        return None
    last, day_left = _last_days(ends, standing.zone, standing.holidays)
    half = since + ((last if last > since else ends) - since) / 2
    told = min(due, max(day_left, half))
    return told if since < told < ends else None


def after_days(instant: datetime, days: int, standing: Standing) -> datetime | None:
    """Return the end of the calendar day that is so many days after the instant's own, in UTC.

    None when nobody opened the initiative yet.
    """
    if standing.zone is None:
        return None
    day = instant.astimezone(standing.zone).date() + days * _DAY
    end = last_instant(day.isoformat(), standing.zone)
    return None if end is None else end.astimezone(UTC)


@lru_cache(maxsize=10_000)
def _end(day: date, days: int, zone: ZoneInfo, holidays: frozenset[str]) -> datetime | None:
    while days:
        day += _DAY
        days -= _is_business(day, holidays)
    end = last_instant(day.isoformat(), zone)
    return None if end is None else end.astimezone(UTC)


@lru_cache(maxsize=10_000)
def _last_days(by: datetime, zone: ZoneInfo, holidays: frozenset[str]) -> tuple[datetime, datetime]:
    """Return the ends of the last business day that is over by then, and of the one before it, in UTC."""
    over = _over(by, zone, holidays)
    return next(over), next(over)


def _over(by: datetime, zone: ZoneInfo, holidays: frozenset[str]) -> Iterator[datetime]:
    """Yield the ends of all business days that are over by then, the last one first."""
    day = by.astimezone(zone).date()
    while True:
        end = last_instant(day.isoformat(), zone) if _is_business(day, holidays) else None
        if end is not None and end <= by:
            yield end.astimezone(UTC)
        day -= _DAY


def _is_business(day: date, holidays: frozenset[str]) -> bool:
    return day.weekday() < _SATURDAY and day.isoformat() not in holidays
