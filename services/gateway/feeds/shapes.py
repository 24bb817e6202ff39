"""A feed's entries as callers see them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, get_args

from pydantic import BaseModel, Field

from projections.communication.notes import GONE, Kind, Next, Why
from services.notifications.feed import Entry

#: What may be said next, as types of events for `POST /v1/events`.
SAYING: Mapping[Next, tuple[str, ...]] = MappingProxyType(
    {
        "claim-offer": ("referral.offer_claimed",),
        "begin-service": ("referral.service_started", "referral.waitlisted", "referral.outcome_recorded"),
        "answer-cancellation": ("referral.cancel_confirmed", "referral.outcome_recorded"),
        "ask-to-cancel": ("referral.cancel_requested",),
        "record-outcome": ("referral.outcome_recorded",),
        "answer-offer": ("referral.offer_accepted", "referral.offer_declined"),
        "acknowledge-outcome": ("referral.outcome_acknowledged",),
        "offer-elsewhere": ("referral.offer_sent",),
        "ask-for-consent": ("consent.granted",),
        "stop-sharing": (),
        "say-it-again-corrected": (),
        "nothing": (),
    }
)
_PLAIN = ("kind", "why", "referral", "offer", "counterpart", "code", "protected", "event", "type")


class NextShown(BaseModel):
    """What the reader can do now."""

    step: Next
    see: str | None = Field(description="Where to look first: an address of this API.")
    say: list[str] = Field(description="Types of events, for `POST /v1/events`, that carry it out.")


class EntryShown(BaseModel):
    """One thing that the partner is told."""

    kind: Kind = Field(description="What happened.")
    why: Why = Field(description="Why it reached this partner: its part in it.")
    next: NextShown
    referral: str | None
    offer: str | None
    counterpart: str | None = Field(description="The partner on the offer's other side.")
    code: str | None = Field(description="The reason given, or what it was refused for.")
    protected: bool = Field(description="It is about a protected programme: show it to nobody else.")
    event: str = Field(
        description="The event that it comes from, by its id on the log; an id for this offer alone where the event "
        "speaks of the client or of another offer, or the offer is gone."
    )
    type: str = Field(description="The event's type; `withheld` where it would tell what became of others' offer.")
    happened: datetime = Field(description="Of an offer that is gone the day alone, in UTC, on which it was recorded.")
    recorded: datetime = Field(description="The same.")


class FeedShown(BaseModel):
    """Part of a feed."""

    entries: list[EntryShown]
    cursor: str | None = Field(
        description="Of one who has seen this and all before it: `after` of what comes later, here or live. "
        "Null on the way back."
    )
    next: str | None = Field(description="Where it goes on the same way; null at the end of it.")
    stale: bool
    lag: int


def shown(entry: Entry) -> dict[str, Any]:
    """Return an entry as it is answered with."""
    told = {name: getattr(entry, name) for name in _PLAIN}
    step = next(each for each in get_args(Next) if each == entry.next)
    following = {"step": step, "see": _see(entry), "say": SAYING[step]}
    happened, recorded = _times(entry)
    return told | {"next": following, "happened": happened, "recorded": recorded}


def _times(entry: Entry) -> tuple[datetime, datetime]:
    """Return when it happened and was recorded; of an offer that is gone the day alone.

    Two that one event ended are not to be known by its instant.  The row keeps it, as a feed is in its order.
    """
    if entry.kind != GONE.kind:
        return entry.happened, entry.recorded
    day = entry.recorded.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day, day


def _see(entry: Entry) -> str | None:
    if entry.kind == "refused":
        return f"/v1/codes/{entry.code}"
    if entry.kind == GONE.kind and entry.why == GONE.to:
        # It shows nothing any more.
        return None
    return f"/v1/referrals/{entry.referral}" if entry.referral else None
