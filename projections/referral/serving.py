"""Who serves a person beside the partner that registered them: by acceptances and enrolments that were no error."""

from msgspec.structs import replace

from events.episode import Enrolled, EpisodeInError
from events.episode import Event as EpisodeEvent
from events.referral import OfferAccepted, OfferClaimed, OfferInError
from projections.referral.facts import OfferEvent
from projections.referral.state import Client, Episode, Offer


def with_offer(client: Client, event: OfferEvent, offer: Offer) -> Client:
    """Return the client after an event about an offer: one that was taken on serves until that was an error."""
    if isinstance(event, OfferAccepted | OfferClaimed):
        return _counted(client, offer.recipient, 1)
    return _counted(client, offer.recipient, -1) if isinstance(event, OfferInError) and offer.accepted else client


def with_episode(client: Client, event: EpisodeEvent, episode: Episode) -> Client:
    """Return the client after an event of an episode: whoever enrolled them serves them, whatever came before."""
    if isinstance(event, Enrolled):
        return _counted(client, episode.partner, 1)
    return _counted(client, episode.partner, -1) if isinstance(event, EpisodeInError) and episode.in_error else client


def _counted(client: Client, partner: str, by: int) -> Client:
    if partner == client.by:
        return client
    held = dict(zip(client.serving, client.served_by, strict=True))
    held[partner] = held.get(partner, 0) + by
    left = {name: count for name, count in held.items() if count}
    return replace(client, serving=tuple(left), served_by=tuple(left.values()))
