"""What an applied event makes of the client and the referral it is about."""

from collections import ChainMap
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import assert_never

from msgspec.structs import replace

from events.authority import partner_of
from events.catalogue import CaseEvent
from events.client import Erased, Linked, Registered, Unlinked
from events.consent import EnteredInError, Granted, Narrowed, Revoked
from events.episode import Corrected, Enrolled, EpisodeInError, Exited, MilestoneReached, ServiceDelivered
from events.episode import Event as EpisodeEvent
from events.referral import (
    CancelConfirmed,
    CancelRequested,
    ClientAnswered,
    ClientAsked,
    Closed,
    ContactAttempted,
    Escalated,
    HandoffReported,
    OfferAccepted,
    OfferClaimed,
    OfferDeclined,
    OfferDiscarded,
    OfferDrafted,
    OfferExpired,
    OfferInError,
    OfferRecalled,
    OfferSent,
    OfferViewed,
    OutcomeAcknowledged,
    OutcomeCorrected,
    OutcomeRecorded,
    OutcomeReportedBySender,
    PutOnHold,
    Reminded,
    Requested,
    Resumed,
    ServiceStarted,
    Waitlisted,
    Withdrawn,
)
from projections.projection import Case, Key, State
from projections.referral.consent import granted, is_asked, narrowed, runs_out
from projections.referral.endings import Ending, ended_by, ending_fact
from projections.referral.episode import evolved
from projections.referral.facts import OfferEvent
from projections.referral.keys import client_key, episode_key, referral_key
from projections.referral.moves import moved, sent
from projections.referral.needs import closed, discarded, drafted, handed_off, heard_outside, requested
from projections.referral.serving import with_episode, with_offer
from projections.referral.state import Client, Consent, Offer, OpenOffer, Referral, consent_of, draft_of, offer_of
from projections.referral.transitions import EXPIRED, OPEN, step
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
            return {referral_key(event): requested(event, case)}
        case Registered():
            return {client_key(event): _registered(event, case)}
        case Granted():
            return {client_key(event): _granted(event, case)}
        case Narrowed() | Revoked() | EnteredInError() | Erased():
            return _ended(event, case)
        case Linked() | Unlinked():
            return {client_key(event): _linked(event, case)}
        case Enrolled() | ServiceDelivered() | MilestoneReached() | Exited() | Corrected() | EpisodeInError():
            return _episode(event, case)
        case _:
            return _rarer(event, case)


_Rarer = (
    OfferDrafted
    | OfferDiscarded
    | OfferRecalled
    | OfferClaimed
    | OfferExpired
    | Reminded
    | Escalated
    | ContactAttempted
    | Waitlisted
    | PutOnHold
    | Resumed
    | OutcomeReportedBySender
    | HandoffReported
    | CancelRequested
    | CancelConfirmed
    | Withdrawn
    | ClientAsked
    | ClientAnswered
    | OutcomeCorrected
    | OfferInError
    | Closed
)


def _rarer(event: _Rarer, case: Case) -> Mapping[Key, State]:
    key = referral_key(event)
    referral: Referral | None = case.states.get(key)
    match event:
        case HandoffReported():
            return {key: handed_off(event, case)}
        case OfferDrafted():
            return {key: drafted(event, case)}
        case OfferDiscarded():
            return {key: discarded(event, case)}
        case Closed():
            return {key: closed(event, case)}
        case OutcomeReportedBySender() if referral is not None and referral.handoff is not None:
            return {key: heard_outside(event, case)}
        case ClientAnswered() if event.data.stop_sharing:
            changed = _offer(event, case)
            return {**changed, **_ended(event, Case(ChainMap(dict(changed), case.states), case.at))}  # type: ignore[arg-type]
        case _:
            return _offer(event, case)


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


def _linked(event: Linked | Unlinked, case: Case) -> Client:
    client: Client = case.states[client_key(event)]
    others = tuple(other for other in client.linked if other != event.data.other_client)
    linked = (*others, event.data.other_client) if isinstance(event, Linked) else others
    return replace(client, last=max(utc(case.at.instant), client.last), linked=linked)


def _sent(event: OfferSent, case: Case) -> Mapping[Key, State]:
    key, of_client, now = referral_key(event), client_key(event), utc(case.at.instant)
    referral: Referral = case.states[key]
    client: Client = case.states[of_client]
    draft = draft_of(referral, event.data.offer_id)
    offer = sent(event, consent_of(client, event.data.consent_id), None if draft is None else draft.status)
    drafts = tuple(each for each in referral.drafts if each is not draft)
    held = OpenOffer(offer.id, event.subject, offer.service, offer.recipient, offer.consent)
    return {
        key: replace(
            referral, last=now, offers=(*referral.offers, offer), drafts=drafts, closed=None, disposition=None
        ),
        of_client: replace(client, last=now, open_offers=(*client.open_offers, held)),
    }


def _offer(event: OfferEvent, case: Case) -> Mapping[Key, State]:
    key, now = referral_key(event), utc(case.at.instant)
    referral: Referral = case.states[key]
    before = _held(referral, event.data.offer_id)
    client = told = case.states[client_key(event)]
    after = moved(event, before)
    if before.detail == EXPIRED and after.status in OPEN:
        # The consent may have been narrowed since it ran out.
        after = _lasting(after, client)
    changed: dict[Key, State] = {key: _with_offer(referral, after, now)}
    if (before.status in OPEN) != (after.status in OPEN) or before.recipient != after.recipient:
        told = _reindexed(told, event.subject, after, now)
    if referral.closed is not None and isinstance(event, OfferAccepted | OfferClaimed):
        # Whoever answers late takes on what its sender had given up: it is at work again.
        changed[key] = replace(changed[key], closed=None, disposition=None)
    told = with_offer(told, event, after)
    if told is not client:
        changed[client_key(event)] = told
    return changed


def _episode(event: EpisodeEvent, case: Case) -> Mapping[Key, State]:
    key, of_client = episode_key(event), client_key(event)
    client: Client = case.states[of_client]
    after = evolved(event, case.states.get(key), utc(case.at.instant))
    told = with_episode(client, event, after)
    return {key: after} if told is client else {key: after, of_client: told}


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
    changed[of_client] = _after_ending(event, case, replace(client, last=max(now, client.last), open_offers=left))
    return {**changed, **_narrower(event, case, changed)} if isinstance(event, Narrowed) else changed


def _narrower(event: Narrowed, case: Case, changed: Mapping[Key, State]) -> Mapping[Key, State]:
    """Return the referrals with offers that stay open, and ask fewer members of a class now or end sooner.

    Nothing happened to the referral itself, so its latest instant stays.
    """
    client: Client = changed[client_key(event)]
    found: dict[Key, State] = {}
    for held in client.open_offers:
        if held.consent == event.data.consent_id:
            key = referral_key(event, held.referral)
            referral: Referral = found.get(key) or changed.get(key) or case.states[key]
            offer = _held(referral, held.offer)
            remains = _lasting(offer if held.recipient else _left_out(offer, client), client)
            if remains is not offer:
                found[key] = _with_offer(referral, remains, referral.last)
    return found


def _left_out(offer: Offer, client: Client) -> Offer:
    """Return the offer to a class without the members whom the person means no more."""
    members = tuple(each for each in offer.members if is_asked(client, offer, each))
    return offer if members == offer.members else replace(offer, members=members)


def _lasting(offer: Offer, client: Client) -> Offer:
    """Return the offer with the end of its consent as that stands now."""
    consent = consent_of(client, offer.consent)
    until = None if consent is None else runs_out(consent)
    return offer if until == offer.consent_until else replace(offer, consent_until=until)


def _cancelled(event: Ending, offer: Offer) -> Offer:
    after = step(ending_fact(event), offer.status, offer.detail)
    if after is None:
        raise LookupError(f"an open offer cannot end from {offer.status}")
    reason = event.data.reason if isinstance(event, Revoked | EnteredInError) else None
    return replace(offer, status=after.status, detail=after.detail, closed=utc(event.time), reason=reason)


def _after_ending(event: Ending, case: Case, client: Client) -> Client:
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
        case ClientAnswered():
            stopped = _held(case.states[referral_key(event)], event.data.offer_id).consent
            return _with_consents(client, stopped, lambda consent: replace(consent, ended=consent.ended or "revoked"))
        case _:
            assert_never(event)


def _with_consents(client: Client, consent_id: str, change: Callable[[Consent], Consent]) -> Client:
    changed = tuple(change(consent) if consent.id == consent_id else consent for consent in client.consents)
    return replace(client, consents=changed)
