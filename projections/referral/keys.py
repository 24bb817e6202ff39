"""Which aggregates an event's rule looks at."""

from collections.abc import Mapping

from events.catalogue import CaseEvent
from events.client import Erased, Registered
from events.consent import EnteredInError, Granted, Narrowed, Revoked
from events.referral import OfferSent
from projections.projection import Key, State
from projections.referral.state import Client

_OF_CLIENTS = frozenset({Registered, Erased, Granted, Narrowed, Revoked, EnteredInError})
_ENDING = frozenset({Erased, Narrowed, Revoked, EnteredInError})


def client_key(event: CaseEvent) -> Key:
    """Return the client whose history the record belongs to."""
    return Key("client", event.initiative, event.partitionkey, event.partitionkey)


def referral_key(event: CaseEvent, referral: str | None = None) -> Key:
    """Return the referral that the event is about, or another one of the same client."""
    return Key("referral", event.initiative, event.partitionkey, referral or event.subject)


def subject_key(event: CaseEvent) -> Key:
    """Return the aggregate that the event's subject names."""
    return client_key(event) if type(event) in _OF_CLIENTS else referral_key(event)


def needs(event: CaseEvent) -> tuple[Key, ...]:
    """Return the aggregates that the event names."""
    client = client_key(event)
    return (client,) if type(event) in _OF_CLIENTS else (client, referral_key(event))


def also(event: CaseEvent, states: Mapping[Key, State]) -> tuple[Key, ...]:
    """Return the referrals whose open offers the event may end or rival, as the client's index names them."""
    if type(event) not in _ENDING and type(event) is not OfferSent:
        return ()
    client = states.get(client_key(event))
    if client is None:
        return ()
    if isinstance(event, OfferSent):
        return rivals(event, client)
    consent = getattr(event.data, "consent_id", None)
    found = (held.referral for held in client.open_offers if consent in (None, held.consent))
    return tuple(referral_key(event, referral) for referral in dict.fromkeys(found))


def rivals(event: OfferSent, client: Client) -> tuple[Key, ...]:
    """Return the client's referrals that have an open offer for the service this one asks for."""
    service = event.data.service_id
    found = (held.referral for held in client.open_offers if held.service == service)
    return tuple(referral_key(event, referral) for referral in dict.fromkeys(found))
