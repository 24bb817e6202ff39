"""Days of policy as instants: after admission nobody asks a calendar or a time zone again."""

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
        if day.weekday() < _SATURDAY and day.isoformat() not in holidays:
            days -= 1
    end = last_instant(day.isoformat(), zone)
    return None if end is None else end.astimezone(UTC)
