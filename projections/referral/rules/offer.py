"""Rules for a need and the offers made to meet it."""

from events.authority import partner_of
from events.referral import (
    OfferAccepted,
    OfferDeclined,
    OfferSent,
    OfferViewed,
    OutcomeAcknowledged,
    OutcomeRecorded,
    Requested,
    ServiceStarted,
)
from projections.check import refuse, rule
from projections.projection import Case
from projections.referral.consent import ask_of, lapsed, uncovered
from projections.referral.keys import referral_key, rivals
from projections.referral.rules.guard import (
    client_of,
    in_order,
    offer_scene,
    permitted,
    referral_of,
    serving,
    speaking_partner,
)
from projections.referral.state import MOST_OFFERS, MOST_OPEN_OFFERS, Client, Referral, consent_of, offer_of
from projections.referral.transitions import OPEN

#: Contact attempts before a client may be called unreachable, where the service's policy says nothing.
ATTEMPTS = 3
UNREACHABLE = "unable-to-contact"


@rule
def requested(event: Requested, case: Case) -> None:
    """A partner states a registered client's need under a new id."""
    serving(client_of(event, case), speaking_partner(event))
    if case.states.get(referral_key(event)) is not None:
        refuse("already-exists", "referral")


@rule
def offer_sent(event: OfferSent, case: Case) -> None:
    """The sender asks one partner, under a consent that covers it at this instant."""
    client = client_of(event, case)
    referral = referral_of(event, case)
    permitted(event, referral)
    if event.data.recipient is None:
        refuse("recipient-missing")
    in_order(case, referral)
    in_order(case, client)
    _room(event, client, referral)
    _replaced(event, referral)
    _consented(event, case, client, event.data.recipient)
    _single(event, case, client)


def _room(event: OfferSent, client: Client, referral: Referral) -> None:
    if offer_of(referral, event.data.offer_id) is not None:
        refuse("already-exists", "offer")
    if len(referral.offers) >= MOST_OFFERS:
        refuse("too-many", "offers")
    if len(client.open_offers) >= MOST_OPEN_OFFERS:
        refuse("too-many", "open offers")


def _replaced(event: OfferSent, referral: Referral) -> None:
    """Only an offer that has ended can be replaced: an open one would leave two partners at work."""
    if event.data.replaces is None:
        return
    replaced = offer_of(referral, event.data.replaces)
    if replaced is None:
        refuse("unknown-subject", "replaced offer")
    if replaced.status in OPEN:
        refuse("illegal-transition", f"the replaced offer is {replaced.status}")


def _consented(event: OfferSent, case: Case, client: Client, recipient: str) -> None:
    consent = consent_of(client, event.data.consent_id)
    if consent is None:
        refuse("consent-missing")
    lapse = lapsed(consent, case.at.instant)
    if lapse:
        refuse("consent-missing", lapse)
    part = uncovered(consent, ask_of(event, recipient))
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


@rule
def offer_moved(
    event: OfferViewed | OfferAccepted | OfferDeclined | ServiceStarted | OutcomeAcknowledged, case: Case
) -> None:
    """Whoever may say it says it, where the offer's state allows it."""
    offer_scene(event, case)


@rule
def outcome_recorded(event: OutcomeRecorded, case: Case) -> None:
    """Delivered means something was given; not delivered has a reason, and unreachable was tried for."""
    offer = offer_scene(event, case).offer
    data = event.data
    if data.outcome != "not-delivered":
        if not data.outputs:
            refuse("outcome-needs-output")
        return
    if data.reason is None:
        refuse("reason-required")
    if data.reason == UNREACHABLE and (data.attempts or 0) < _attempts(offer.min_attempts, data.admitted.min_attempts):
        refuse("too-few-attempts")


def _attempts(*policies: int | None) -> int:
    """Return what the first that says anything asks for: the service as it was asked, else the initiative."""
    return next((least for least in policies if least is not None), ATTEMPTS)
