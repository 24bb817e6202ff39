"""What a consent covers, and what may still be asked of it after it was narrowed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from msgspec.structs import replace

from events.authority import partner_of
from events.consent import Granted, Narrowed, unread
from events.referral import OfferClaimed, OfferSent
from projections.referral.state import Client, Consent, Offer, consent_of
from projections.times import utc

#: Why no consent is in force.
Lapse = Literal["ended", "unread", "not-yet-valid", "expired", "guardian-ended"]
#: The part of a consent that does not cover what is asked.
Part = Literal["recipient", "purpose", "data-classes", "programme-class", "protected-programme"]


@dataclass(frozen=True, slots=True)
class Ask:
    """What is to be shared: with whom, for what, which data, about which programme."""

    recipient: str
    purpose: str
    data_classes: tuple[str, ...]
    programme_class: str | None
    protected: bool

    @classmethod
    def of(cls, offer: Offer) -> "Ask":
        """Return what an offer shares."""
        return cls(offer.recipient, offer.purpose, offer.data_classes, offer.programme_class, offer.protected)


def ask_of(event: OfferSent, recipient: str) -> Ask:
    """Return what the offer would share; what nobody looked up counts as protected."""
    data, admitted = event.data, event.data.admitted
    protected = admitted.protected is not False
    return Ask(recipient, data.purpose, data.data_classes, admitted.programme_class, protected)


def claim_of(event: OfferClaimed, offer: Offer) -> Ask:
    """Return what an offer to a class shares with the partner that claims it, for the service that it names."""
    admitted = event.data.admitted
    protected = admitted.protected is not False
    claimer = partner_of(event.source) or ""
    return Ask(claimer, offer.purpose, offer.data_classes, admitted.programme_class, protected)


def lapsed(consent: Consent, at: datetime) -> Lapse | None:
    """Return why the consent is not in force at this instant, or None when it is."""
    if consent.ended:
        return "ended"
    if consent.unread:
        return "unread"
    if at < consent.valid_from:
        return "not-yet-valid"
    if consent.expires_at is not None and at >= consent.expires_at:
        return "expired"
    if consent.by_guardian and (consent.guardian_until is None or at >= consent.guardian_until):
        return "guardian-ended"
    return None


def runs_out(consent: Consent) -> datetime | None:
    """Return when the consent is over though nobody ends it; None where it names no such time."""
    of_age = consent.guardian_until if consent.by_guardian else None
    return min((each for each in (consent.expires_at, of_age) if each is not None), default=None)


def uncovered(consent: Consent, ask: Ask) -> Part | None:
    """Return the part of the consent that does not cover what is asked, or None when all of it does."""
    if not reaches(consent, ask.recipient):
        return "recipient"
    part = unshared(consent, ask)
    if part:
        return part
    if ask.protected:
        return None if _covers_protected(consent, ask) else "protected-programme"
    if consent.programme_classes and ask.programme_class not in consent.programme_classes:
        return "programme-class"
    return None


def unshared(consent: Consent, ask: Ask) -> Part | None:
    """Return the part that does not cover what would be shared, whoever it is shared with."""
    if ask.purpose not in consent.purposes:
        return "purpose"
    if not set(ask.data_classes) <= set(consent.data_classes):
        return "data-classes"
    return None


def _covers_protected(consent: Consent, ask: Ask) -> bool:
    """A protected programme is carried only when it was named at the grant, and never network-wide."""
    named = consent.names_programmes and ask.programme_class in consent.programme_classes
    return named and (ask.recipient in consent.partners or ask.recipient in consent.class_members)


def reaches(consent: Consent, partner: str) -> bool:
    """Say whether the partner is among those the consent names, by itself, by class or by network."""
    if partner in consent.except_recipients:
        return False
    return partner in consent.partners or partner in consent.class_members or partner in consent.network_members


def is_asked(client: Client, offer: Offer, partner: str) -> bool:
    """Say whether the offer to a class asks this partner, or did until it was claimed, and the person still means it.

    An offer that ran out is not looked at when a consent is narrowed, so its members alone do not tell.
    """
    consent = consent_of(client, offer.consent)
    return partner in offer.members and consent is not None and reaches(consent, partner)


def granted(event: Granted) -> Consent:
    """Return the consent that the event grants."""
    data, admitted = event.data, event.data.admitted
    return Consent(
        id=data.consent_id,
        partners=data.recipients.partners,
        classes=data.recipients.classes,
        networks=data.recipients.networks,
        class_members=admitted.class_members or (),
        network_members=admitted.network_members or (),
        except_recipients=data.except_recipients,
        purposes=data.purposes,
        data_classes=data.data_classes,
        programme_classes=data.programme_classes,
        names_programmes=bool(data.programme_classes),
        by_guardian=data.subject_capacity == "guardian",
        guardian_until=data.guardian_until and utc(data.guardian_until),
        hidden_from_guardian=data.hidden_from_guardian,
        redisclosure=data.redisclosure,
        valid_from=utc(data.valid_from),
        expires_at=data.expires_at and utc(data.expires_at),
        unread=unread(data),
        by=partner_of(event.source) or "",
        # What nobody looked up counts as protected.
        guarded=bool(data.programme_classes) and admitted.protected is not False,
    )


def is_untold(consent: Consent, partner: str | None) -> bool:
    """Say whether the partner may not learn whom the consent names, nor which programmes."""
    return consent.guarded and partner is not None and partner != consent.by


def for_oneself(consent: Consent, partner: str | None) -> bool:
    """Say whether the partner that records this is the only one that the consent lets receive anything."""
    reached = {*consent.partners, *consent.class_members, *consent.network_members}
    return partner is not None and reached.difference(consent.except_recipients) == {partner}


def narrowed(consent: Consent, event: Narrowed) -> Consent:
    """Return what remains.  Members of a class or network stay only when they belonged to it before."""
    data, admitted = event.data, event.data.admitted
    remains = consent
    if data.recipients is not None:
        asked = data.recipients
        remains = replace(
            remains,
            partners=asked.partners,
            classes=asked.classes,
            networks=asked.networks,
            class_members=_still(
                consent.class_members, admitted.class_members, set(asked.classes) == set(consent.classes)
            ),
            network_members=_still(
                consent.network_members, admitted.network_members, consent.networks == asked.networks
            ),
        )
    return replace(
        remains,
        except_recipients=_or(data.except_recipients, consent.except_recipients),
        purposes=_or(data.purposes, consent.purposes),
        data_classes=_or(data.data_classes, consent.data_classes),
        programme_classes=_or(data.programme_classes, consent.programme_classes),
        expires_at=utc(data.expires_at) if data.expires_at else consent.expires_at,
        unread=consent.unread or unread(data),
    )


def _or(given: tuple[str, ...] | None, before: tuple[str, ...]) -> tuple[str, ...]:
    return before if given is None else given


def _still(before: tuple[str, ...], now: tuple[str, ...] | None, same: bool) -> tuple[str, ...]:
    if same:
        return before
    return tuple(member for member in before if member in (now or ()))


def wider(before: Consent, after: Consent) -> str | None:
    """Return the field in which what remains is more than what was granted, or None when it lies within."""
    checks = {
        # One reached through a network only may not be named now: that would carry protected programmes to it.
        "recipients": set(after.partners) <= {*before.partners, *before.class_members}
        and set(after.classes) <= set(before.classes)
        and set(after.networks) <= set(before.networks),
        "except_recipients": set(before.except_recipients) <= set(after.except_recipients),
        "purposes": set(after.purposes) <= set(before.purposes),
        "data_classes": set(after.data_classes) <= set(before.data_classes),
        "programme_classes": _within(after.programme_classes, before.programme_classes),
        "expires_at": before.expires_at is None
        or (after.expires_at is not None and after.expires_at <= before.expires_at),
    }
    return next((field for field, holds in checks.items() if not holds), None)


def _within(after: tuple[str, ...], before: tuple[str, ...]) -> bool:
    """No programme class at all means any that is not protected, so it is the widest."""
    return not before or (bool(after) and set(after) <= set(before))
