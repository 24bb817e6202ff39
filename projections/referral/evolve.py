"""What an applied event makes of the client and the referral it is about."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import assert_never

from msgspec.structs import replace

from events.authority import partner_of
from events.catalogue import CaseEvent
from events.client import Erased, Registered
from events.consent import EnteredInError, Granted, Narrowed, Revoked
from events.referral import (
    OfferAccepted,
    OfferDeclined,
    OfferSent,
    OfferViewed,
    OutcomeAcknowledged,
    OutcomeRecorded,
    Requested,
    ServiceStarted,
)
from projections.projection import Case, Key, State
from projections.referral.consent import granted, narrowed
from projections.referral.endings import Ending, ended_by, ending_fact
from projections.referral.keys import client_key, referral_key
from projections.referral.moves import moved, sent
from projections.referral.state import Client, Consent, Offer, OpenOffer, Referral, offer_of
from projections.referral.transitions import OPEN, OfferEvent, step
from projections.times import utc


def evolve(event: CaseEvent, case: Case) -> Mapping[Key, State]:
    """Return every aggregate that the event changes, in its new state."""
    match event:
        case OfferViewed() | OfferAccepted() | OfferDeclined() | ServiceStarted():
            return _offer(event, case)
        case OutcomeRecorded() | OutcomeAcknowledged():
            return _offer(event, case)
        case OfferSent():
            return _sent(event, case)
        case Requested():
            return {referral_key(event): _requested(event, case)}
        case Registered():
            return {client_key(event): _registered(event, case)}
        case Granted():
            return {client_key(event): _granted(event, case)}
        case Narrowed() | Revoked() | EnteredInError() | Erased():
            return _ended(event, case)
        case _:
            assert_never(event)


def _registered(event: Registered, case: Case) -> Client:
    return Client(
        by=partner_of(event.source) or "",
        registered=utc(event.time),
        last=utc(case.at.instant),
        backfilled=event.data.admitted.backfill is not None,
    )


def _granted(event: Granted, case: Case) -> Client:
    client: Client = case.states[client_key(event)]
    return replace(client, last=utc(case.at.instant), consents=(*client.consents, granted(event)))


def _requested(event: Requested, case: Case) -> Referral:
    data = event.data
    return Referral(
        sender=partner_of(event.source) or "",
        taxonomy=data.need.taxonomy,
        need=data.need.code,
        area=data.area,
        urgency=data.urgency,
        programme=data.programme,
        requested=utc(event.time),
        last=utc(case.at.instant),
        backfilled=data.admitted.backfill is not None,
    )


def _sent(event: OfferSent, case: Case) -> Mapping[Key, State]:
    key, of_client, now = referral_key(event), client_key(event), utc(case.at.instant)
    referral: Referral = case.states[key]
    client: Client = case.states[of_client]
    offer = sent(event)
    held = OpenOffer(offer.id, event.subject, offer.service, offer.recipient, offer.consent)
    return {
        key: replace(referral, last=now, offers=(*referral.offers, offer)),
        of_client: replace(client, last=now, open_offers=(*client.open_offers, held)),
    }


def _offer(event: OfferEvent, case: Case) -> Mapping[Key, State]:
    key, now = referral_key(event), utc(case.at.instant)
    referral: Referral = case.states[key]
    before = _held(referral, event.data.offer_id)
    after = moved(event, before)
    changed: dict[Key, State] = {key: _with_offer(referral, after, now)}
    client = told = case.states[client_key(event)]
    if (before.status in OPEN) != (after.status in OPEN):
        told = _reindexed(told, event.subject, after, now)
    if isinstance(event, OfferAccepted) and after.recipient not in (client.by, *client.serving):
        told = replace(told, serving=(*client.serving, after.recipient))
    if told is not client:
        changed[client_key(event)] = told
    return changed


def _held(referral: Referral, offer_id: str) -> Offer:
    offer = offer_of(referral, offer_id)
    if offer is None:
        raise LookupError("an applied event speaks of an offer that is not there")
    return offer


def _with_offer(referral: Referral, after: Offer, now: datetime) -> Referral:
    if len(referral.offers) == 1:
        return replace(referral, last=now, offers=(after,))
    offers = tuple(after if offer.id == after.id else offer for offer in referral.offers)
    return replace(referral, last=now, offers=offers)


def _reindexed(client: Client, referral: str, offer: Offer, now: datetime) -> Client:
    """Return the client with the offer in its index of open offers, or out of it."""
    others = tuple(held for held in client.open_offers if (held.referral, held.offer) != (referral, offer.id))
    if offer.status in OPEN:
        others += (OpenOffer(offer.id, referral, offer.service, offer.recipient, offer.consent),)
    return replace(client, last=now, open_offers=others)


def _ended(event: Ending, case: Case) -> Mapping[Key, State]:
    of_client, now = client_key(event), utc(case.at.instant)
    client: Client = case.states[of_client]
    ending = ended_by(event, case)
    changed: dict[Key, State] = {}
    for held in ending:
        key = referral_key(event, held.referral)
        referral: Referral = changed.get(key) or case.states[key]
        cancelled = _cancelled(event, _held(referral, held.offer))
        changed[key] = _with_offer(referral, cancelled, max(now, referral.last))
    left = tuple(held for held in client.open_offers if held not in ending)
    changed[of_client] = _after_ending(event, replace(client, last=max(now, client.last), open_offers=left))
    return changed


def _cancelled(event: Ending, offer: Offer) -> Offer:
    after = step(ending_fact(event), offer.status, offer.detail)
    if after is None:
        raise LookupError(f"an open offer cannot end from {offer.status}")
    reason = event.data.reason if isinstance(event, Revoked | EnteredInError) else None
    return replace(offer, status=after.status, detail=after.detail, closed=utc(event.time), reason=reason)


def _after_ending(event: Ending, client: Client) -> Client:
    match event:
        case Erased():
            return replace(client, erased=True, consents=())
        case Revoked():
            return _with_consents(client, event.data.consent_id, lambda consent: replace(consent, ended="revoked"))
        case EnteredInError():
            error = event.data.consent_id
            return _with_consents(client, error, lambda consent: replace(consent, ended="entered-in-error"))
        case Narrowed():
            return _with_consents(client, event.data.consent_id, lambda consent: narrowed(consent, event))
        case _:
            assert_never(event)


def _with_consents(client: Client, consent_id: str, change: Callable[[Consent], Consent]) -> Client:
    changed = tuple(change(consent) if consent.id == consent_id else consent for consent in client.consents)
    return replace(client, consents=changed)
