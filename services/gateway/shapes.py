"""How a referral is shown to those who may see it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel, Field

from projections.referral.state import Offer
from projections.referral.status import Loop
from projections.referral.transitions import Status
from services.gateway.owed import begin_by, next_step
from services.gateway.sight import Role, Sight, Withheld
from services.vault.names import Name

#: What somebody of a class is not told of an offer before the claim: it would tie it to others of the same person.
_UNTOLD: dict[str, Any] = {"service": None, "replaces": None}
_TIMES = ("sent", "viewed", "responded", "accepted", "started", "closed", "acknowledged")


class NeedShown(BaseModel):
    """What is needed, as a code of a taxonomy."""

    taxonomy: str
    code: str


class Summary(BaseModel):
    """A referral in short, as far as the caller takes part in it; one offer leads and speaks for the others."""

    id: str
    role: Role = Field(description="What the caller is to it.")
    client: str | None = Field(description="The caller's own alias of the client, where it has one.")
    client_own: str | None = Field(description="The caller's own id of the client, without `own:`, where it gave one.")
    status: Status = Field(description="One of the ten that a FHIR Task has.")
    detail: str | None = Field(description="The fine state within the status.")
    loop: Loop
    sender: str | None = Field(description="Null while the caller could claim it as one of a class.")
    recipient: str | None
    to_class: str | None
    service: str | None
    need: NeedShown | None
    area: str | None
    urgency: str | None
    programme: str | None
    withheld: Withheld | None = Field(
        description="Why need, area, urgency and programme are not shown; null where they are."
    )
    requested: datetime
    sent: datetime | None
    viewed: datetime | None
    responded: datetime | None
    accepted: datetime | None
    started: datetime | None
    closed: datetime | None
    acknowledged: datetime | None
    respond_by: datetime | None
    expected_by: datetime | None = Field(description="When service is to begin, as the recipient says.")
    start_by: datetime | None = Field(
        description="When service is to have begun: as the recipient says, else by the initiative's policy."
    )
    outcome: str | None
    reason: str | None
    hops: int = Field(description="Offers made so far, of those that the caller may know of.")
    backfilled: bool


class Durations(BaseModel):
    """Seconds since the offer was sent; null for what has not happened."""

    to_response: float | None
    to_acceptance: float | None
    to_start: float | None
    to_closure: float | None


class OfferShown(BaseModel):
    """One attempt at one partner."""

    id: str
    recipient: str | None = Field(description="Null while an offer to a class is not claimed.")
    to_class: str | None
    service: str | None = Field(description="Null to whom could claim it, as is the consent.")
    status: Status
    detail: str
    purpose: str
    data_classes: list[str]
    consent: str | None = Field(
        description="The consent that it was sent under, by the caller's own name, which its events may say; null to a "
        "recipient that has not accepted."
    )
    sent: datetime
    viewed: datetime | None
    responded: datetime | None
    accepted: datetime | None
    started: datetime | None
    closed: datetime | None
    acknowledged: datetime | None
    respond_by: datetime
    expected_by: datetime | None = Field(description="When service is to begin, as the recipient says.")
    start_by: datetime | None = Field(
        description="When service is to have begun: as the recipient says, else by the initiative's policy."
    )
    outcome: str | None
    reason: str | None
    replaces: str | None
    cancel_asked: datetime | None
    contacts: int = Field(description="Attempts to reach the client, as they were recorded.")
    heard: str | None = Field(description="What the sender heard of the outcome.")
    need_met: str | None = Field(description="The client's own last answer.")
    relayed: bool = Field(description="The answer was passed on by staff.")
    corrections: int
    seconds: Durations


class Next(BaseModel):
    """Who owes the next step, and what it may say."""

    who: Literal["sender", "recipient"]
    events: list[str] = Field(description="The types of event that would be a step, in short.")
    offer: str | None
    by: datetime | None
    overdue: bool


class Whole(Summary):
    """A referral with its offers and whose turn it is."""

    offers: list[OfferShown]
    next: Next | None = Field(description="Null where nobody owes a step.")
    stale: bool = Field(description="True where it is older than what the token asked for.")
    lag: int = Field(description="Records that the read model is behind the token, 0 without one.")


class Page(BaseModel):
    """Some of the referrals."""

    referrals: list[Summary]
    next: str | None = Field(description="Where the list goes on; null at its end.")
    stale: bool
    lag: int


def summary(sight: Sight, referral: str, name: Name | None) -> dict[str, Any]:
    """Return a referral in short.

    To whom could claim it as one of a class it shows need, urgency and area, and by nothing whose client it is or who
    asks: two such offers for one person do not look alike.
    """
    said, (status, loop, lead) = sight.referral, sight.standing
    shared, takes_part = sight.withheld is None, sight.role != "class-member"
    return {
        "id": referral,
        "role": sight.role,
        **named(name if takes_part else None),
        "status": status,
        "detail": lead and lead.detail,
        "loop": loop,
        "sender": said.sender if takes_part else None,
        "recipient": lead and (lead.recipient or None),
        "to_class": lead and lead.to_class,
        "service": lead.service if lead and takes_part else None,
        "need": {"taxonomy": said.taxonomy, "code": said.need} if shared else None,
        "area": said.area if shared else None,
        "urgency": said.urgency if shared else None,
        "programme": said.programme if shared and takes_part else None,
        "withheld": sight.withheld,
        "requested": said.requested,
        **{name: lead and getattr(lead, name) for name in _TIMES},
        "respond_by": lead and lead.respond_by,
        "expected_by": lead and lead.expected_by,
        "start_by": lead and begin_by(lead),
        "outcome": lead and lead.outcome,
        "reason": lead and lead.reason,
        "hops": len(sight.offers),
        "backfilled": said.backfilled,
    }


def named(name: Name | None) -> dict[str, str | None]:
    """Return what the caller calls the client: nobody else's names are in it."""
    return {"client": name.alias if name else None, "client_own": name.own if name else None}


def whole(
    sight: Sight, referral: str, name: Name | None, now: datetime, consent: Callable[[str], str]
) -> dict[str, Any]:
    """Return a referral with its offers and whose turn it is; `consent` gives the caller's name of a consent.

    A recipient is told it once it has accepted: before that, two offers under one consent would say that they are for
    one person.
    """
    return summary(sight, referral, name) | {
        "offers": [
            shown | {"consent": _consent(sight, offer, consent)}
            for offer, shown in zip(sight.offers, offers(sight), strict=True)
        ],
        "next": next_step(sight, now),
    }


def offers(sight: Sight) -> list[dict[str, Any]]:
    """Return the offers that the caller may know of, without what it calls the consents."""
    return [_offer(offer) | (_UNTOLD if sight.role == "class-member" else {}) for offer in sight.offers]


def _consent(sight: Sight, offer: Offer, named: Callable[[str], str]) -> str | None:
    untold = sight.role == "class-member" or (sight.role == "recipient" and offer.accepted is None)
    return None if untold else named(offer.consent)


def _offer(offer: Offer) -> dict[str, Any]:
    plain = ("id", "to_class", "service", "status", "detail", "purpose", "data_classes")
    ends = ("respond_by", "expected_by", "outcome", "reason", "replaces", "cancel_asked", "contacts", "heard")
    shown = {name: getattr(offer, name) for name in (*plain, *_TIMES, *ends, "need_met", "relayed", "corrections")}
    told = {"start_by": begin_by(offer), "recipient": offer.recipient or None, "seconds": _seconds(offer)}
    return shown | told


def _seconds(offer: Offer) -> dict[str, float | None]:
    ends = {
        "to_response": offer.responded,
        "to_acceptance": offer.accepted,
        "to_start": offer.started,
        "to_closure": offer.closed,
    }
    return {name: seconds(end - offer.sent) if end else None for name, end in ends.items()}


def seconds(span: timedelta | None) -> float | None:
    """Return a span in seconds; what happened before is told to have happened first, and is no duration."""
    return None if span is None or span < timedelta(0) else span.total_seconds()
