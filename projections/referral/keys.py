"""Which aggregates an event's rule looks at."""

from collections.abc import Mapping

from events.catalogue import CaseEvent
from events.client import Erased, Linked, Registered, Unlinked
from events.consent import EnteredInError, Granted, Narrowed, Revoked
from events.episode import Corrected, Enrolled, EpisodeInError, Exited, MilestoneReached, ServiceDelivered
from events.referral import ClientAnswered, OfferSent
from projections.projection import Key, State
from projections.referral.state import Client, Referral, offer_of

_OF_CLIENTS = frozenset({Registered, Linked, Unlinked, Erased, Granted, Narrowed, Revoked, EnteredInError})
_OF_EPISODES = frozenset({Enrolled, ServiceDelivered, MilestoneReached, Exited, Corrected, EpisodeInError})
#: Those that reach further aggregates than they name.
_LEADING = frozenset({OfferSent, Erased, Narrowed, Revoked, EnteredInError, ClientAnswered})


#: Half a dozen keys are made for each event, and a named tuple's own way there is one call longer.
_new = tuple.__new__


def client_key(event: CaseEvent) -> Key:
    """Return the client whose history the record belongs to."""
    record = event.partitionkey
    return _new(Key, ("client", event.initiative, record, record))


def referral_key(event: CaseEvent, referral: str | None = None) -> Key:
    """Return the referral that the event is about, or another one of the same client."""
    return _new(Key, ("referral", event.initiative, event.partitionkey, referral or event.subject))


def episode_key(event: CaseEvent) -> Key:
    """Return the episode that the event is about."""
    return Key("episode", event.initiative, event.partitionkey, event.subject)


def subject_key(event: CaseEvent) -> Key:
    """Return the aggregate that the event's subject names."""
    if type(event) in _OF_CLIENTS:
        return client_key(event)
    return episode_key(event) if type(event) in _OF_EPISODES else referral_key(event)


def needs(event: CaseEvent) -> tuple[Key, ...]:
    """Return the aggregates that the event names."""
    client = client_key(event)
    return (client,) if type(event) in _OF_CLIENTS else (client, subject_key(event))


def also(event: CaseEvent, states: Mapping[Key, State]) -> tuple[Key, ...]:
    """Return the referrals whose open offers the event may end or rival, as the client's index names them."""
    if type(event) not in _LEADING:
        return ()
    client = states.get(client_key(event))
    if client is None:
        return ()
    if isinstance(event, OfferSent):
        return rivals(event, client)
    if isinstance(event, ClientAnswered):
        return _stopped(event, client, states.get(referral_key(event)))
    return _relying(event, client, getattr(event.data, "consent_id", None))


def _stopped(event: ClientAnswered, client: Client, referral: Referral | None) -> tuple[Key, ...]:
    """Return those that rely on the answered offer's consent; all there are where the offer is not stored yet."""
    if not event.data.stop_sharing:
        return ()
    offer = None if referral is None else offer_of(referral, event.data.offer_id)
    return _relying(event, client, None if offer is None else offer.consent)


def _relying(event: CaseEvent, client: Client, consent: str | None) -> tuple[Key, ...]:
    found = (held.referral for held in client.open_offers if consent in (None, held.consent))
    return tuple(referral_key(event, referral) for referral in dict.fromkeys(found))


def rivals(event: OfferSent, client: Client) -> tuple[Key, ...]:
    """Return the client's referrals that have an open offer for the service this one asks for."""
    service = event.data.service_id
    found = (held.referral for held in client.open_offers if held.service == service)
    return tuple(referral_key(event, referral) for referral in dict.fromkeys(found))
