"""Which open offers end because consent does, or because the client is erased."""

from typing import assert_never

from events.client import Erased
from events.consent import EnteredInError, Narrowed, Revoked
from events.referral import ClientAnswered
from projections.projection import Case
from projections.referral.consent import Ask, lapsed, narrowed, uncovered, unshared
from projections.referral.keys import client_key, referral_key
from projections.referral.state import Client, Consent, OpenOffer, consent_of, offer_of
from projections.referral.transitions import Fact

#: The events that reach offers from elsewhere; a client's answer does where it asks to stop sharing.
Ending = Narrowed | Revoked | EnteredInError | Erased | ClientAnswered


def ended_by(event: Ending, case: Case) -> tuple[OpenOffer, ...]:
    """Return the client's open offers that the event ends."""
    client: Client = case.states[client_key(event)]
    match event:
        case Erased():
            return client.open_offers
        case Revoked() | EnteredInError():
            return _relying(client, event.data.consent_id)
        case Narrowed():
            before = consent_of(client, event.data.consent_id)
            return () if before is None else _lost(event, case, narrowed(before, event))
        case ClientAnswered():
            answered = offer_of(case.states[referral_key(event)], event.data.offer_id)
            return () if answered is None else _relying(client, answered.consent)
        case _:
            assert_never(event)


def ending_fact(event: Ending) -> Fact:
    """Return what the event means to the offers it ends."""
    return "client-erased" if isinstance(event, Erased) else "consent-ended"


def _relying(client: Client, consent: str) -> tuple[OpenOffer, ...]:
    return tuple(held for held in client.open_offers if held.consent == consent)


def _lost(event: Narrowed, case: Case, remains: Consent) -> tuple[OpenOffer, ...]:
    relying = _relying(case.states[client_key(event)], remains.id)
    if lapsed(remains, case.at.instant):
        return relying
    return tuple(held for held in relying if _uncovers(event, case, remains, held))


def _uncovers(event: Narrowed, case: Case, remains: Consent, held: OpenOffer) -> bool:
    offer = offer_of(case.states[referral_key(event, held.referral)], held.offer)
    if offer is None:
        return False
    # Nobody receives an unclaimed offer yet: who may is judged when it is claimed.
    judge = uncovered if offer.recipient else unshared
    return judge(remains, Ask.of(offer)) is not None
