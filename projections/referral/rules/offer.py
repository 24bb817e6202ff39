"""Rules for making an offer: the sender asks, under a consent that covers it."""

from events.authority import partner_of
from events.referral import OfferSent
from projections.check import refuse, rule
from projections.projection import Case
from projections.referral.consent import Ask, ask_of, is_untold, lapsed, uncovered, unshared
from projections.referral.keys import rivals
from projections.referral.rules.guard import client_of, in_order, permitted, referral_of, unlawful
from projections.referral.state import (
    MOST_OFFERS,
    MOST_OPEN_OFFERS,
    Client,
    Consent,
    Referral,
    consent_of,
    draft_of,
    offer_of,
)
from projections.referral.transitions import OPEN


@rule
def offer_sent(event: OfferSent, case: Case) -> None:
    """The sender asks one partner, under a consent that covers it at this instant."""
    client, referral = _asking(event, case)
    if event.data.recipient is None:
        refuse("recipient-missing")
    _made(event, case, client, referral)
    covered(client, event.data.consent_id, ask_of(event, event.data.recipient), case)
    _single(event, case, client)


@rule
def offer_sent_or_opened(event: OfferSent, case: Case) -> None:
    """The sender asks one partner, or a class whose members may claim the offer.

    Which member that will be is not known yet, so of an offer to a class only what would be shared is judged here,
    and the rest when it is claimed; a protected programme is never asked for in this way.  That another partner has
    an open offer for the same service is neither a reason to refuse nor to be learned from a refusal.
    """
    _sent_or_opened(event, case, *_asking(event, case))


def _sent_or_opened(event: OfferSent, case: Case, client: Client, referral: Referral) -> None:
    data = event.data
    if (data.recipient is None) is (data.to_class is None):
        refuse("recipient-missing")
    _made(event, case, client, referral)
    ask = ask_of(event, data.recipient or "")
    if data.to_class is None:
        covered(client, data.consent_id, ask, case)
    else:
        _shareable(in_force(client, data.consent_id, case), ask)
    _not_twice(event, case, client)


@rule
def offer_sent_untold(event: OfferSent, case: Case) -> None:
    """The sender asks one partner, or a class; under a consent that it is not told whom it names it asks nobody.

    Whatever it asks, the answer is the same, as another one would tell whether it guessed well.
    """
    client, referral = _asking(event, case)
    consent = consent_of(client, event.data.consent_id)
    if consent is not None and is_untold(consent, referral.sender):
        refuse("consent-missing")
    _sent_or_opened(event, case, client, referral)


def _asking(event: OfferSent, case: Case) -> tuple[Client, Referral]:
    client = client_of(event, case)
    referral = referral_of(event, case)
    permitted(event, referral)
    return client, referral


def _made(event: OfferSent, case: Case, client: Client, referral: Referral) -> None:
    in_order(case, referral)
    in_order(case, client)
    _room(event, client, referral)
    _replaced(event, referral)


def _room(event: OfferSent, client: Client, referral: Referral) -> None:
    if offer_of(referral, event.data.offer_id) is not None:
        refuse("already-exists", "offer")
    draft = draft_of(referral, event.data.offer_id)
    if draft is not None and draft.discarded:
        refuse("illegal-transition", unlawful(draft, event))
    if len(referral.offers) >= MOST_OFFERS:
        refuse("too-many", "offers")
    if len(client.open_offers) >= MOST_OPEN_OFFERS:
        refuse("too-many", "open offers")


def _replaced(event: OfferSent, referral: Referral) -> None:
    """Only an offer that has ended can be replaced: an open one would leave two partners at work."""
    if referral.handoff is not None:
        refuse("illegal-transition", "it was handed off outside")
    if event.data.replaces is None:
        # Of a need for which nobody was asked yet there is nothing to replace.
        if referral.closed is not None and referral.offers:
            refuse("illegal-transition", "closed; a new offer has to replace an earlier one")
        return
    replaced = offer_of(referral, event.data.replaces)
    if replaced is None:
        refuse("unknown-subject", "replaced offer")
    if replaced.status in OPEN:
        refuse("illegal-transition", f"the replaced offer is {replaced.status}")


def in_force(client: Client, consent_id: str, case: Case) -> Consent:
    """Return the consent.  Refuses one that is not there, or not in force at the record's instant."""
    consent = consent_of(client, consent_id)
    if consent is None:
        refuse("consent-missing")
    lapse = lapsed(consent, case.at.instant)
    if lapse:
        refuse("consent-missing", lapse)
    return consent


def covered(client: Client, consent_id: str, ask: Ask, case: Case) -> None:
    """Refuse what the consent, in force at the record's instant, does not cover."""
    part = uncovered(in_force(client, consent_id, case), ask)
    if part:
        refuse("consent-does-not-cover", part)


def _shareable(consent: Consent, ask: Ask) -> None:
    part = "protected-programme" if ask.protected else unshared(consent, ask)
    if part:
        refuse("consent-does-not-cover", part)


def _single(event: OfferSent, case: Case, client: Client) -> None:
    """Whoever sent the first offer hears of a second one; to anybody else it looks like what is not there."""
    if event.data.duplicate_reason is not None:
        return
    senders = {case.states[key].sender for key in rivals(event, client)}
    if senders:
        if partner_of(event.source) in senders:
            refuse("duplicate-open-offer")
        refuse("unknown-subject", "referral")


def _not_twice(event: OfferSent, case: Case, client: Client) -> None:
    """Whoever sent the first offer hears of its own second one; nobody is in the way of anybody else."""
    if event.data.duplicate_reason is None:
        senders = {case.states[key].sender for key in rivals(event, client)}
        if partner_of(event.source) in senders:
            refuse("duplicate-open-offer")
