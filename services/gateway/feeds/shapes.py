"""A feed's entries as callers see them."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, get_args

from pydantic import BaseModel, Field

from projections.communication.notes import Kind, Next, Why
from services.notifications.feed import Entry

#: What may be said next, as types of events for `POST /v1/events`.
SAYING: Mapping[Next, tuple[str, ...]] = MappingProxyType(
    {
        "claim-offer": ("referral.offer_claimed",),
        "answer-cancellation": ("referral.cancel_confirmed", "referral.outcome_recorded"),
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
    event: str = Field(description="The event that it comes from, by its id on the log.")
    type: str = Field(description="The event's type; `withheld` where it would tell what became of others' offer.")
    happened: datetime
    recorded: datetime


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
    return told | {"next": following, "happened": entry.happened, "recorded": entry.recorded}


def _see(entry: Entry) -> str | None:
    if entry.kind == "refused":
        return f"/v1/codes/{entry.code}"
    return f"/v1/referrals/{entry.referral}" if entry.referral else None
