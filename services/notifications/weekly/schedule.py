"""When the weekly mail is due: a day and a time by the clock of the initiative.  Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from services.runtime.errors import SettingInvalid

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
OFF = "off"
#: A week that was missed for longer is left out: the next mail would come right after it.
LATEST = timedelta(days=5)
WEEK = timedelta(days=7)
_SAID = re.compile(f"({'|'.join(DAYS)}) ((?:[01][0-9]|2[0-3]):[0-5][0-9])")


class Occasion(NamedTuple):
    """One week's mail: the week by its Monday, whatever day the mail goes out, and the instant that it is due, in UTC.

    By its week it is one mail, even where the day is changed in the middle of it.
    """

    week: date
    due: datetime

    def is_missed(self, now: datetime) -> bool:
        """Say whether it is so late that the mail of this week is left out."""
        return now - self.due > LATEST


@dataclass(frozen=True, slots=True)
class Schedule:
    """The day of the week, 0 being Monday, and the time of that day."""

    weekday: int
    at: time

    @classmethod
    def read(cls, text: str) -> "Schedule | None":
        """Return what the setting says; None where no such mail is sent.  Raises SettingInvalid."""
        said = " ".join(text.lower().split())
        if said == OFF:
            return None
        found = _SAID.fullmatch(said)
        if found is None:
            raise SettingInvalid("MANYHANDS_WEEKLY_MAIL is neither a day and a time, as `monday 08:00`, nor `off`")
        return cls(DAYS.index(found[1]), time.fromisoformat(found[2]))

    def last(self, now: datetime, zone: ZoneInfo) -> Occasion:
        """Return the latest mail that is due by now."""
        found = self._in_week(monday(now, zone), zone)
        return found if found.due <= now else self._in_week(found.week - WEEK, zone)

    def next(self, now: datetime, zone: ZoneInfo) -> Occasion:
        """Return the first mail that is due after now."""
        return self._in_week(self.last(now, zone).week + WEEK, zone)

    def _in_week(self, week: date, zone: ZoneInfo) -> Occasion:
        # A time that the clocks skip comes as much later as they skip; of one that comes twice, the first counts.
        day = week + timedelta(days=self.weekday)
        return Occasion(week, datetime.combine(day, self.at, zone).astimezone(UTC))


def monday(now: datetime, zone: ZoneInfo) -> date:
    """Return the Monday of the week that it is then in the zone."""
    today = now.astimezone(zone).date()
    return today - timedelta(days=today.weekday())
