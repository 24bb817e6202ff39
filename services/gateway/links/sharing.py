"""What a client has allowed, and what they can still change of it.  Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from projections.referral.consent import lapsed, reaches
from projections.referral.state import Client, Consent, Offer, Referral
from projections.referral.transitions import OPEN, step

#: Of what ended, only so much is shown that its client can still answer.
_SENT = ("requested", "accepted", "in-progress", "on-hold", "completed", "failed", "rejected", "cancelled")


@dataclass(frozen=True, slots=True)
class Shared:
    """A consent in force, and the organisations that it reaches."""

    consent: Consent
    partners: tuple[str, ...]


def is_shown(consent: Consent | None, *, guardian: bool) -> bool:
    """Say whether whoever holds the link may know of the consent and of what was done under it."""
    return consent is not None and not (guardian and consent.hidden_from_guardian)


def in_force(client: Client, now: datetime, *, guardian: bool) -> list[Shared]:
    """Return what may be shared at this moment, as far as whoever holds the link may know."""
    found = (each for each in client.consents if is_shown(each, guardian=guardian) and lapsed(each, now) is None)
    return [Shared(each, reached(each)) for each in found]


def reached(consent: Consent) -> tuple[str, ...]:
    """Return the organisations that the consent reaches."""
    every = dict.fromkeys((*consent.partners, *consent.class_members, *consent.network_members))
    return tuple(sorted(each for each in every if reaches(consent, each)))


def offers(client: Client, referrals: Mapping[str, Referral], *, guardian: bool) -> Iterator[tuple[str, Offer]]:
    """Yield the offers that whoever holds the link may know of, each with its referral's id."""
    consents = {each.id: each for each in client.consents}
    for name, referral in referrals.items():
        for offer in referral.offers:
            if offer.status in _SENT and is_shown(consents.get(offer.consent), guardian=guardian):
                yield name, offer


def asks_for_answer(offer: Offer) -> bool:
    """Say whether the client can be asked what came of it: somebody took it on, or it ended."""
    return offer.accepted is not None and step("client-answered", offer.status, offer.detail) is not None


def is_open(offer: Offer) -> bool:
    """Say whether somebody still works on it."""
    return offer.status in OPEN
