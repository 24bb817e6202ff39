"""States, times and durations in plain words.  Pure."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from services.gateway.pages.html import Html, tag, together

#: What the fine state of an offer means; a test holds that none is missing.
DETAILS: Mapping[str, str] = MappingProxyType(
    {
        "sent": "Sent, not looked at yet",
        "viewed": "Looked at, not answered yet",
        "accepted": "Accepted, not begun yet",
        "declined": "Declined",
        "serving": "The person is being served",
        "served": "Served",
        "partly-served": "Served in part",
        "not-served": "Not served",
        "consent-revoked": "Ended, as the person's consent ended",
        "client-erased": "Ended, as the person is erased",
    }
)
#: What an event means in a history; a test holds that none is missing.
EVENTS: Mapping[str, str] = MappingProxyType(
    {
        "referral.requested": "Need stated",
        "referral.offer_sent": "Sent",
        "referral.offer_viewed": "Looked at",
        "referral.offer_accepted": "Accepted",
        "referral.offer_declined": "Declined",
        "referral.service_started": "Service begun",
        "referral.outcome_recorded": "Outcome told",
        "referral.outcome_acknowledged": "Outcome seen by the sender",
    }
)
URGENCIES: Mapping[str, str] = MappingProxyType(
    {"routine": "Can wait", "soon": "Soon", "urgent": "Urgent", "emergency": "Emergency"}
)
#: Largest first, with what one and several are called.
_UNITS = ((86400, "day", "days"), (3600, "hour", "hours"), (60, "minute", "minutes"))


def detail(code: str | None) -> str:
    """Return what the fine state of an offer is called."""
    return "Not sent to anybody yet" if code is None else DETAILS.get(code, plain(code))


def event(name: str) -> str:
    """Return what an event is called, by its short name."""
    return EVENTS.get(name, plain(name.rpartition(".")[2]))


def plain(code: str) -> str:
    """Return a code that has no words as it reads best."""
    return code.replace("-", " ").replace("_", " ").capitalize()


def span(seconds: float) -> str:
    """Return how long that is, in its one or two largest units."""
    left, said = int(seconds), []
    for size, one, several in _UNITS:
        count, left = divmod(left, size)
        if count:
            said.append(f"{count} {one if count == 1 else several}")
        elif said:
            break
    return " ".join(said[:2]) or "less than a minute"


def distance(at: datetime, now: datetime) -> str:
    """Return how far away that is, ahead or back, in its one or two largest units."""
    seconds = (at - now).total_seconds()
    if abs(seconds) < 60:
        return "now"
    return f"in {span(seconds)}" if seconds > 0 else f"{span(-seconds)} ago"


def written_day(said: str) -> str:
    """Return a day, such as `2026-03-31`, as people write it."""
    found = date.fromisoformat(said)
    return f"{found:%a} {found.day} {found:%b %Y}"


def day(at: datetime, zone: ZoneInfo) -> str:
    """Return the day that it is then in the zone."""
    return written_day(at.astimezone(zone).date().isoformat())


def local(at: datetime, zone: ZoneInfo) -> str:
    """Return a moment as a clock in the zone shows it."""
    return f"{day(at, zone)}, {at.astimezone(zone):%H:%M}"


def moment(at: datetime, zone: ZoneInfo, now: datetime) -> Html:
    """Return a moment for people: by the initiative's clock, and how far away it is."""
    away = tag("span", f"({distance(at, now)})", class_="away")
    return together(tag("time", local(at, zone), datetime=at.isoformat()), " ", away)


def listed(names: list[str]) -> str:
    """Return names as a sentence lists them."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def business_day(now: datetime, zone: ZoneInfo, days: int, holidays: tuple[str, ...]) -> str:
    """Return the day in the zone that is so many business days ahead."""
    found, left = now.astimezone(zone).date(), days
    while left:
        found += timedelta(days=1)
        left -= found.weekday() < 5 and found.isoformat() not in holidays
    return found.isoformat()
