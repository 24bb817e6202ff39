"""Rules for the need itself: stated, prepared, arranged outside, given up."""

from events.referral import Closed, HandoffReported, OfferDiscarded, OfferDrafted, Requested
from projections.check import refuse, rule
from projections.projection import Case
from projections.referral.keys import referral_key
from projections.referral.rules.guard import (
    client_of,
    in_order,
    permitted,
    referral_of,
    serving,
    speaking_partner,
    unlawful,
)
from projections.referral.state import MOST_OFFERS, Referral, draft_of, offer_of
from projections.referral.status import speaking
from projections.referral.transitions import OPEN


@rule
def requested(event: Requested | HandoffReported, case: Case) -> None:
    """A partner states a registered client's need under a new id, to be met here or arranged outside."""
    serving(client_of(event, case), speaking_partner(event))
    if case.states.get(referral_key(event)) is not None:
        refuse("already-exists", "referral")


@rule
def offer_drafted(event: OfferDrafted, case: Case) -> None:
    """The sender prepares an offer under a new id; consent is judged when it is sent."""
    _unused(event, _own(event, case))


@rule
def offer_drafted_here(event: OfferDrafted, case: Case) -> None:
    """The same of a need that is met here: of what was arranged outside nothing can be offered."""
    referral = _own(event, case)
    _unused(event, referral)
    if referral.handoff is not None:
        refuse("illegal-transition", "it was handed off outside")


def _unused(event: OfferDrafted, referral: Referral) -> None:
    offer_id = event.data.offer_id
    if offer_of(referral, offer_id) is not None or draft_of(referral, offer_id) is not None:
        refuse("already-exists", "offer")
    if len(referral.offers) + len(referral.drafts) >= MOST_OFFERS:
        refuse("too-many", "offers")


@rule
def offer_discarded(event: OfferDiscarded, case: Case) -> None:
    """The sender throws away what nobody else has heard of."""
    referral = _own(event, case)
    offer = offer_of(referral, event.data.offer_id)
    draft = draft_of(referral, event.data.offer_id)
    if offer is None and draft is None:
        refuse("unknown-subject", "offer")
    if offer is not None:
        refuse("illegal-transition", unlawful(offer, event))
    if draft is not None and draft.discarded:
        refuse("illegal-transition", unlawful(draft, event))


@rule
def closed(event: Closed, case: Case) -> None:
    """The sender gives up once, while nobody is at work for this need and it does not stand as met."""
    referral = _own(event, case)
    if referral.closed is not None or referral.handoff is not None:
        refuse("illegal-transition", "closed" if referral.closed else "handed off")
    standing = [offer.status for offer in speaking(referral.offers) if offer.status in (*OPEN, "completed")]
    if standing:
        refuse("illegal-transition", f"an offer is {standing[0]}")


def _own(event: OfferDrafted | OfferDiscarded | Closed, case: Case) -> Referral:
    client_of(event, case)
    referral = referral_of(event, case)
    permitted(event, referral)
    in_order(case, referral)
    return referral
