"""The weekly mail: what the directory says of a partner's services, and the link by which it is confirmed.  Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from services.notifications.letter import composed
from services.notifications.weekly.room import NOBODY_SAID
from services.runtime.mail import Mail

SUBJECT = "Is there still room? Please confirm once a week"
_TEXT = """\
Others read this before they send somebody to you. It is what you said last:

{services}

To confirm all of it with one button, or to correct it, open this page:

{link}

Opening the page changes nothing. The link works until {ends}, for these services alone; please do not pass it on.

You get this mail once a week as your organisation registered this address. To have it sent elsewhere, or no more, \
ask whoever looks after Manyhands in your organisation, or in your initiative.
"""


class Line(NamedTuple):
    """A service with what was said of its room, in words, and when; None where nothing was ever said."""

    name: str
    room: str
    reported: datetime | None


class Link(NamedTuple):
    """Where the page is, and how long it is there."""

    url: str
    ends: datetime


def letter(to: str, link: Link, lines: Sequence[Line], now: datetime, zone: ZoneInfo) -> Mail:
    """Return the mail, which tells days by the initiative's calendar."""
    told = "\n\n".join(f"{line.name}\n  {_told(line, now, zone)}" for line in lines)
    text = _TEXT.format(services=told, link=link.url, ends=day(link.ends, zone))
    return composed(to, SUBJECT, text, link.url)


def _told(line: Line, now: datetime, zone: ZoneInfo) -> str:
    if line.reported is None:
        return NOBODY_SAID
    return f"{line.room}, said on {day(line.reported, zone)}, {age(line.reported, now, zone)}"


def age(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """Return how many days ago that was by the calendar there: a mail is read later than it is written."""
    days = (now.astimezone(zone).date() - at.astimezone(zone).date()).days
    return "today" if days <= 0 else "yesterday" if days == 1 else f"{days} days ago"


def day(at: datetime, zone: ZoneInfo) -> str:
    """Return the day that it is then in the zone."""
    there = at.astimezone(zone)
    return f"{there:%a} {there.day} {there:%b %Y}"
