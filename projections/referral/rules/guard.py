"""What several rules ask: each guard returns what it found, or breaks off with the refusal."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from events.authority import AUTHORITY, CLIENT_LINK, LINK, TIMEKEEPER, Who, partner_of
from events.catalogue import CaseEvent
from events.referral import OfferClaimed
from projections.check import refuse
from projections.projection import Case
from projections.referral.consent import is_asked
from projections.referral.facts import OfferEvent, fact_of
from projections.referral.keys import client_key, referral_key
from projections.referral.state import Client, Draft, Episode, Offer, Referral, offer_of
from projections.referral.transitions import OPEN, legal, step


def in_order(case: Case, state: Client | Referral | Episode) -> None:
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
    scene = offer_seen(event, case)
    client, referral, offer = scene
    permitted(event, referral, offer)
    in_order(case, referral)
    after = step(fact_of(event), offer.status, offer.detail)
    if after is None:
        refuse("illegal-transition", unlawful(offer, event))
    if (after.status in OPEN) != (offer.status in OPEN):
        in_order(case, client)
    return scene


def offer_seen(event: OfferEvent, case: Case) -> Scene:
    """Return the offer with its referral and client; one that is not the speaker's to know of is not there."""
    client = client_of(event, case)
    referral = referral_of(event, case)
    offer = offer_of(referral, event.data.offer_id)
    if offer is None or not in_sight(event, client, referral, offer):
        refuse("unknown-subject", "offer")
    return Scene(client, referral, offer)


def in_sight(event: CaseEvent, client: Client, referral: Referral, offer: Offer) -> bool:
    """Say whether the speaker may know of the offer: its two sides may, and whoever of a class it asks or asked.

    Whom the person left out is asked no more, and a claim is made by who is of the class when it makes it.
    """
    speaker = partner_of(event.source)
    if speaker is None or speaker in (referral.sender, offer.recipient):
        return True
    return is_asked(client, offer, speaker) and (not isinstance(event, OfferClaimed) or of_class(event, offer))


def permitted(event: CaseEvent, referral: Referral, offer: Offer | None = None) -> None:
    """Refuse what is not the source's to say, by the authority table."""
    row = AUTHORITY[event.type]
    for who in row.all:
        if _RELATED[who](event, referral, offer):
            return
    refuse("not-your-offer" if row.who in _OF_OFFER else "not-permitted")


#: Relations that hang on the offer: who lacks them hears that it is not theirs.
_OF_OFFER = frozenset({Who.RECIPIENT, Who.CLASS_MEMBER})


def _is_sender(event: CaseEvent, referral: Referral, _offer: Offer | None) -> bool:
    return partner_of(event.source) == referral.sender


def _is_recipient(event: CaseEvent, _referral: Referral, offer: Offer | None) -> bool:
    speaker = partner_of(event.source)
    return offer is not None and speaker is not None and speaker == offer.recipient


def _is_link(event: CaseEvent, _referral: Referral, offer: Offer | None) -> bool:
    return offer is not None and event.source.startswith(LINK) and _for_recipient(event, offer)


def _for_recipient(event: CaseEvent, offer: Offer) -> bool:
    """A link speaks for the partner that admission saw it made for, and for no other."""
    return offer.recipient != "" and event.data.admitted.on_behalf == offer.recipient


def _is_member(event: CaseEvent, _referral: Referral, offer: Offer | None) -> bool:
    return offer is not None and isinstance(event, OfferClaimed) and of_class(event, offer)


def _is_client(event: CaseEvent, _referral: Referral, _offer: Offer | None) -> bool:
    return event.source.startswith(CLIENT_LINK)


def _is_clock(event: CaseEvent, _referral: Referral, _offer: Offer | None) -> bool:
    return event.source == TIMEKEEPER


def _is_unknown(_event: CaseEvent, _referral: Referral, _offer: Offer | None) -> bool:
    """No fold knows of the others: admission does."""
    return False


_Related = Callable[[CaseEvent, Referral, Offer | None], bool]
_RELATED: Mapping[Who, _Related] = MappingProxyType(
    {
        **dict.fromkeys(Who, _is_unknown),
        Who.SENDER: _is_sender,
        Who.RECIPIENT: _is_recipient,
        Who.LINK: _is_link,
        Who.CLASS_MEMBER: _is_member,
        Who.CLIENT: _is_client,
        Who.CLOCK: _is_clock,
    }
)


def of_class(event: OfferClaimed, offer: Offer) -> bool:
    """Say whether a partner of the class that was asked speaks, as admission saw it when it claimed."""
    classes = event.data.admitted.recipient_classes or ()
    return partner_of(event.source) is not None and offer.to_class in classes


def unlawful(offer: Offer | Draft, event: CaseEvent) -> str:
    """Say which state the offer is in and which events may come next from whoever may say this one."""
    detail = offer.detail if isinstance(offer, Offer) else ""
    names = ", ".join(legal(offer.status, detail, AUTHORITY[event.type].who))
    return f"{offer.status}; legal now: {names or 'nothing'}"
