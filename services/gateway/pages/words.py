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
        "claimed": "Accepted, not begun yet",
        "contacting": "Accepted, and somebody tries to reach the person",
        "waitlisted": "The person waits for a place",
        "resting": "It rests for a while",
        "expired-no-response": "Nobody answered in time",
        "recalled": "Taken back",
        "cancel-requested": "The sender asks to cancel it, and waits for an answer",
        "cancel-confirmed": "Cancelled, as the sender asked",
        "cancel-unanswered": "Cancelled, as the sender asked and nobody answered",
        "withdrawn": "Given back by whoever had accepted it",
        "recipient-left": "Ended, as whoever was asked takes no part any more",
        "sender-left": "Ended, as whoever asked takes no part any more; nobody waits for an answer",
        "drafting": "Being prepared",
        "discarded": "Thrown away before it was sent",
        "in-error": "Sent by mistake",
        "consent-revoked": "Ended, as the person's consent ended",
        "consent-expired": "Ended, as the time was over for which the person agreed",
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
        "referral.offer_drafted": "Prepared",
        "referral.offer_discarded": "Thrown away before it was sent",
        "referral.offer_recalled": "Taken back",
        "referral.offer_claimed": "Accepted by one of those who were asked",
        "referral.offer_expired": "Not answered in time",
        "referral.reminded": "Reminded",
        "referral.escalated": "Sender told that it takes longer",
        "referral.contact_attempted": "Tried to reach the person",
        "referral.waitlisted": "Waiting for a place",
        "referral.put_on_hold": "Rests for a while",
        "referral.resumed": "Goes on",
        "referral.outcome_reported_by_sender": "Outcome heard by the sender",
        "referral.handoff_reported": "Arranged outside",
        "referral.cancel_requested": "Asked to cancel it",
        "referral.cancel_confirmed": "Cancelled",
        "referral.withdrawn": "Given back",
        "referral.client_asked": "Person asked whether the need was met",
        "referral.client_answered": "Person's answer",
        "referral.outcome_corrected": "Outcome corrected",
        "referral.entered_in_error": "Told to be a mistake",
        "referral.closed": "Given up",
    }
)
URGENCIES: Mapping[str, str] = MappingProxyType(
    {"routine": "Can wait", "soon": "Soon", "urgent": "Urgent", "emergency": "Emergency"}
)
CHANNELS: Mapping[str, str] = MappingProxyType(
    {
        "phone": "By phone",
        "text": "By text message",
        "e-mail": "By e-mail",
        "letter": "By letter",
        "visit": "By a visit",
        "in-person": "In person",
        "other": "In another way",
    }
)
#: What came of an attempt to reach somebody.
RESULTS: Mapping[str, str] = MappingProxyType(
    {
        "reached": "Reached",
        "left-message": "Left a message",
        "no-answer": "No answer",
        "wrong-contact": "The number or address is wrong",
        "appointment-made": "Made an appointment",
        "not-safe-to-talk": "It was not safe to talk",
    }
)
OUTCOMES: Mapping[str, str] = MappingProxyType({"delivered": "Yes", "partly": "In part", "not-delivered": "No"})
#: What the person says of the need.
MET: Mapping[str, str] = MappingProxyType({"yes": "Yes", "partly": "In part", "no": "No"})
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
