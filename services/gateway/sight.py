"""What a caller may see of a referral.  Pure: the one place that decides it for status, timeline and sealed text."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from projections.referral.asked import is_unclaimed, may_be_claimed
from projections.referral.consent import Ask, lapsed, uncovered
from projections.referral.state import Client, Consent, Offer, Referral, consent_of, offer_of
from projections.referral.status import Standing, standing, standing_of
from services.gateway.principal import Kind, Principal

Role = Literal["sender", "recipient", "class-member", "coordinator"]
#: Why nothing about the person is shown that a consent would have to allow.
Withheld = Literal["erased", "consent-not-in-force"]


@dataclass(frozen=True, slots=True)
class Claimer:
    """What a partner could claim an offer to a class by, as the initiative's log says at this moment."""

    #: The classes that it belongs to.
    classes: frozenset[str] = frozenset()
    #: Of each of its services the programme class, and whether that is a protected one.
    programmes: frozenset[tuple[str, bool]] = frozenset()
    #: For how long after its deadline it is shown what nobody answered.
    late: timedelta = timedelta(0)

    def is_asked(self, referral: Referral, offer: Offer, now: datetime) -> bool:
        """Say whether the offer asks a class of its own, and an answer is awaited, or was until lately."""
        asked = offer.to_class in self.classes and may_be_claimed(referral, offer)
        return asked and (is_unclaimed(offer) or now < offer.respond_by + self.late)


#: Claims nothing.
NO_CLAIMER = Claimer()


@dataclass(frozen=True, slots=True)
class Sight:
    """A referral as one caller sees it."""

    role: Role
    referral: Referral
    client: Client
    #: The offers that the caller may know of: the sender of all of them, others of their own and what they may claim.
    offers: tuple[Offer, ...]
    withheld: Withheld | None

    @property
    def standing(self) -> Standing:
        """How the referral stands as far as these offers go."""
        return standing_of(self.referral) if self.role == "sender" else _own(self.offers, self.referral)


def sight(
    who: Principal, referral: Referral, client: Client, now: datetime, claimer: Claimer = NO_CLAIMER
) -> Sight | None:
    """Return what the caller sees at this moment; None for those whom nothing lets see it.

    What its class was asked it sees only where `claimer` says by what it could claim that.
    """
    match who.kind:
        case Kind.PARTNER_SYSTEM | Kind.STAFF | Kind.AUDITOR:
            return _as_partner(who.partner or "", referral, client, (now, claimer))
        case Kind.COORDINATOR:
            return _as_coordinator(who.partner, referral, client, now)
        case Kind.LINK:
            return _as_link(who, referral, client, now)
        case _:
            return None


def _own(offers: tuple[Offer, ...], referral: Referral) -> Standing:
    return standing(offers, among=referral.offers)


def relied_on(client: Client, offer: Offer, now: datetime) -> Consent | None:
    """Return the consent that lets the offer's recipient see what was shared, where it is in force for all of it."""
    return _covering(client, offer, Ask.of(offer), now)


def claimable(partner: str, claimer: Claimer, client: Client, offer: Offer, now: datetime) -> Consent | None:
    """Return the consent under which a partner that is asked could claim the offer for one of its services."""
    asks = (Ask(partner, offer.purpose, offer.data_classes, *programme) for programme in claimer.programmes)
    return next((found for ask in asks if (found := _covering(client, offer, ask, now)) is not None), None)


def _covering(client: Client, offer: Offer, ask: Ask, now: datetime) -> Consent | None:
    consent = consent_of(client, offer.consent)
    if consent is None or lapsed(consent, now) or uncovered(consent, ask):
        return None
    return consent


def named(client: Client, offer: Offer, partner: str, now: datetime) -> Consent | None:
    """Return the offer's consent where it is in force and names the partner itself; no protected one carries so far."""
    consent = consent_of(client, offer.consent)
    if consent is None or offer.protected or lapsed(consent, now):
        return None
    return consent if partner in consent.partners and partner not in consent.except_recipients else None


def _as_partner(partner: str, referral: Referral, client: Client, judged: tuple[datetime, Claimer]) -> Sight | None:
    now, _ = judged
    if partner == referral.sender:
        return Sight("sender", referral, client, referral.offers, "erased" if client.erased else None)
    own = tuple(
        offer
        for offer in referral.offers
        if offer.recipient == partner or _could_claim(partner, referral, client, offer, judged)
    )
    if not own:
        return None
    if not any(offer.recipient for offer in own):
        return Sight("class-member", referral, client, own, None)
    lead = _own(own, referral).offer
    shared = lead is not None and (not lead.recipient or relied_on(client, lead, now) is not None)
    withheld: Withheld | None = "erased" if client.erased else None if shared else "consent-not-in-force"
    return Sight("recipient", referral, client, own, withheld)


def _could_claim(
    partner: str, referral: Referral, client: Client, offer: Offer, judged: tuple[datetime, Claimer]
) -> bool:
    """Say whether the partner was of the class when that was asked and is now, and consent covers it."""
    now, claimer = judged
    asked = partner in offer.members and claimer.is_asked(referral, offer, now)
    return asked and not client.erased and claimable(partner, claimer, client, offer, now) is not None


def _as_link(who: Principal, referral: Referral, client: Client, now: datetime) -> Sight | None:
    """Whoever holds a link sees its one offer as the partner does that it was made to; a protected one not at all."""
    offer = offer_of(referral, who.about or "")
    if offer is None or client.erased or offer.protected or who.partner is None or offer.recipient != who.partner:
        return None
    shared = relied_on(client, offer, now) is not None
    return Sight("recipient", referral, client, (offer,), None if shared else "consent-not-in-force")


def _as_coordinator(partner: str | None, referral: Referral, client: Client, now: datetime) -> Sight | None:
    """A coordinator is shown what a person let them see by name, and nothing beside a protected programme."""
    if partner is None or client.erased or any(offer.protected for offer in referral.offers):
        return None
    seen = tuple(offer for offer in referral.offers if named(client, offer, partner, now))
    return Sight("coordinator", referral, client, seen, None) if seen else None
