"""What an event about one offer makes of that offer."""

from typing import Any, assert_never

from msgspec.structs import replace

from events.referral import (
    OfferAccepted,
    OfferDeclined,
    OfferSent,
    OfferViewed,
    OutcomeAcknowledged,
    OutcomeRecorded,
    ServiceStarted,
)
from projections.referral.consent import ask_of
from projections.referral.state import Offer
from projections.referral.transitions import OfferEvent, Step, fact_of, step
from projections.times import utc


def sent(event: OfferSent) -> Offer:
    """Return the new offer."""
    data = event.data
    ask, where = ask_of(event, data.recipient or ""), _led(event, None)
    return Offer(
        id=data.offer_id,
        recipient=ask.recipient,
        service=data.service_id,
        status=where.status,
        detail=where.detail,
        consent=data.consent_id,
        purpose=ask.purpose,
        data_classes=ask.data_classes,
        programme_class=ask.programme_class,
        protected=ask.protected,
        min_attempts=data.admitted.min_attempts,
        respond_by=utc(data.respond_by),
        sent=utc(event.time),
        replaces=data.replaces,
    )


def moved(event: OfferEvent, offer: Offer) -> Offer:
    """Return the offer after the event: its state by the table, its times and counts by the event."""
    where = _led(event, offer)
    return replace(offer, status=where.status, detail=where.detail, **_told(event, offer))


def _led(event: OfferEvent, offer: Offer | None) -> Step:
    status, detail = (None, "") if offer is None else (offer.status, offer.detail)
    where = step(fact_of(event), status, detail)
    if where is None:
        raise LookupError(f"an applied event may not happen from {status}")
    return where


def _told(event: OfferEvent, offer: Offer) -> dict[str, Any]:
    """Return what the event says of the offer, by field."""
    at = utc(event.time)
    match event:
        case OfferViewed():
            return _viewed(event, offer)
        case OfferAccepted():
            expected = event.data.expected_by and utc(event.data.expected_by)
            return {"responded": offer.responded or at, "accepted": at, "expected_by": expected}
        case OfferDeclined():
            return {"responded": offer.responded or at, "closed": at, "reason": event.data.reason}
        case ServiceStarted():
            return {"started": offer.started or at}
        case OutcomeRecorded():
            data = event.data
            return {"closed": at, "outcome": data.outcome, "reason": data.reason, "outputs": len(data.outputs)}
        case OutcomeAcknowledged():
            return {"acknowledged": offer.acknowledged or at, "acknowledgements": offer.acknowledgements + 1}
        case OfferSent():
            return {}
        case _:
            assert_never(event)


def _viewed(event: OfferViewed, offer: Offer) -> dict[str, Any]:
    if event.data.by == "system":
        return {"fetches": offer.fetches + 1}
    return {"viewed": offer.viewed or utc(event.time), "views": offer.views + 1}
