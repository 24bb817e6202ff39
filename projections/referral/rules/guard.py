"""What several rules ask: each guard returns what it found, or breaks off with the refusal."""

from typing import NamedTuple

from events.authority import AUTHORITY, Who, partner_of
from events.catalogue import CaseEvent
from projections.check import refuse
from projections.projection import Case
from projections.referral.keys import client_key, referral_key
from projections.referral.state import Client, Offer, Referral, offer_of
from projections.referral.transitions import OPEN, OfferEvent, fact_of, legal, step


def in_order(case: Case, state: Client | Referral) -> None:
    """Refuse what happened before the aggregate's latest instant."""
    if case.at.instant < state.last:
        refuse("out-of-order")


def client_of(event: CaseEvent, case: Case) -> Client:
    """Return the registered client."""
    client: Client | None = case.states.get(client_key(event))
    if client is None:
        refuse("unknown-client")
    if client.erased:
        refuse("client-erased")
    return client


def about_client(event: CaseEvent) -> None:
    """Refuse an event about a client whose subject is not that client."""
    if event.subject != event.partitionkey:
        refuse("unknown-subject", "client")


def referral_of(event: CaseEvent, case: Case) -> Referral:
    referral: Referral | None = case.states.get(referral_key(event))
    if referral is None:
        refuse("unknown-subject", "referral")
    return referral


def speaking_partner(event: CaseEvent) -> str:
    """Return the partner whose event it is."""
    partner = partner_of(event.source)
    if partner is None:
        refuse("not-permitted")
    return partner


def serving(client: Client, partner: str) -> None:
    """Refuse a partner that neither registered the client nor accepted an offer for them.

    A name for the client alone is not enough: admission gives one with an acceptance before a fold has judged it.
    """
    if partner != client.by and partner not in client.serving:
        refuse("not-permitted")


class Scene(NamedTuple):
    """Everything an event about an offer touches."""

    client: Client
    referral: Referral
    offer: Offer


def offer_scene(event: OfferEvent, case: Case) -> Scene:
    """Return the offer with its referral and client, once the source may say this and the state allows it."""
    client = client_of(event, case)
    referral = referral_of(event, case)
    offer = offer_of(referral, event.data.offer_id)
    if offer is None:
        refuse("unknown-subject", "offer")
    permitted(event, referral, offer)
    in_order(case, referral)
    after = step(fact_of(event), offer.status, offer.detail)
    if after is None:
        refuse("illegal-transition", _unlawful(offer))
    if (after.status in OPEN) != (offer.status in OPEN):
        in_order(case, client)
    return Scene(client, referral, offer)


def permitted(event: OfferEvent, referral: Referral, offer: Offer | None = None) -> None:
    """Refuse what is not the source's to say, by the authority table."""
    who = AUTHORITY[event.type].who
    speaker = partner_of(event.source)
    if who is Who.RECIPIENT and (offer is None or speaker != offer.recipient):
        refuse("not-your-offer")
    if who is Who.SENDER and speaker != referral.sender:
        refuse("not-permitted")


def _unlawful(offer: Offer) -> str:
    """Say which state the offer is in and which events may come next."""
    names = ", ".join(legal(offer.status, offer.detail))
    return f"{offer.status}; legal now: {names or 'nothing'}"
