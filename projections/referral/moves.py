"""What an event about one offer makes of that offer."""

from typing import assert_never

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
    offer = _told(event, offer)
    return replace(offer, status=where.status, detail=where.detail)


def _led(event: OfferEvent, offer: Offer | None) -> Step:
    status, detail = (None, "") if offer is None else (offer.status, offer.detail)
    where = step(fact_of(event), status, detail)
    if where is None:
        raise LookupError(f"an applied event may not happen from {status}")
    return where


def _told(event: OfferEvent, offer: Offer) -> Offer:
    at = utc(event.time)
    match event:
        case OfferViewed():
            return _viewed(event, offer)
        case OfferAccepted():
            expected = event.data.expected_by and utc(event.data.expected_by)
            return replace(offer, responded=offer.responded or at, accepted=at, expected_by=expected)
        case OfferDeclined():
            return replace(offer, responded=offer.responded or at, closed=at, reason=event.data.reason)
        case ServiceStarted():
            return replace(offer, started=offer.started or at)
        case OutcomeRecorded():
            data = event.data
            return replace(offer, closed=at, outcome=data.outcome, reason=data.reason, outputs=len(data.outputs))
        case OutcomeAcknowledged():
            count = offer.acknowledgements + 1
            return replace(offer, acknowledged=offer.acknowledged or at, acknowledgements=count)
        case OfferSent():
            return offer
        case _:
            assert_never(event)


def _viewed(event: OfferViewed, offer: Offer) -> Offer:
    if event.data.by == "system":
        return replace(offer, fetches=offer.fetches + 1)
    return replace(offer, viewed=offer.viewed or utc(event.time), views=offer.views + 1)
