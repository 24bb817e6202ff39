"""What is told to whoever said something that was refused."""

from collections.abc import Iterator
from typing import Any

from events.authority import partner_of
from events.catalogue import CaseEvent
from events.referral import OfferClaimed, OfferSent
from projections.communication.notes import REFUSED
from projections.communication.told import Told
from projections.projection import Entry
from projections.referral.keys import client_key, referral_key, subject_key
from projections.referral.rules.guard import in_sight
from projections.referral.state import Client, Referral, offer_of
from projections.timeline import offer_named

#: What somebody who takes no part is refused with, whatever the reason: it must not tell what there is.
UNKNOWN = "unknown-subject"


def refused(event: CaseEvent, code: str, entry: Entry) -> Iterator[Told]:
    """Tell whoever said it.  To one who takes no part, unknown and not its own look alike."""
    author = partner_of(event.source)
    if author is None:
        return
    about = event.subject if subject_key(event).kind == "referral" else None
    shown = code if code == "id-reused" or _takes_part(author, event, entry) else UNKNOWN
    yield Told(author, REFUSED, about, offer_named(event.data), None, shown, _protected(event, author, entry))


def _takes_part(partner: str, event: CaseEvent, entry: Entry) -> bool:
    client: Client | None = entry.before.get(client_key(event))
    referral: Referral | None = entry.before.get(referral_key(event))
    if client is not None and (partner == client.by or partner in client.serving):
        return True
    if referral is None:
        return False
    if partner in (referral.sender, *(offer.recipient for offer in referral.offers)):
        return True
    return client is not None and _was_asked(event, client, referral)


def _was_asked(event: CaseEvent, client: Client, referral: Referral) -> bool:
    """Say whether the author claimed what its class was asked: it was told of the offer, and may know who was first."""
    if not isinstance(event, OfferClaimed):
        return False
    offer = offer_of(referral, event.data.offer_id)
    return offer is not None and in_sight(event, client, referral, offer)


def _protected(event: CaseEvent, author: str, entry: Entry) -> bool:
    """Say whether the author spoke of a protected programme that it is a side of."""
    if isinstance(event, OfferSent):
        return event.data.admitted.protected is not False
    referral: Referral | None = entry.before.get(referral_key(event))
    named = offer_named(event.data)
    offer: Any = referral and named and offer_of(referral, named)
    return bool(referral and offer and author in (referral.sender, offer.recipient) and offer.protected)
