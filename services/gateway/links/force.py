"""Whether a link still leads anywhere, and what may have one at all.  Pure."""

from datetime import datetime, timedelta

from projections.referral.state import Client, Offer, Referral, offer_of
from projections.referral.transitions import TAKEN, UNANSWERED
from services.admission.standing import Standing
from services.gateway.links.given import Given, Listed
from services.gateway.protection import is_guarded
from services.gateway.sight import Sight

#: How long whoever did not answer a wish to cancel can still tell by its link how it ended.
AFTERWARDS = timedelta(days=30)


def may_have(standing: Standing, offer: Offer) -> str | None:
    """Return the code for why no link leads to the offer, None when one may."""
    if _is_protected(standing, offer):
        return "link-protected"
    open_ = offer.status == "requested" or offer.status in TAKEN
    return None if open_ and offer.recipient else "link-over"


def may_be_given(standing: Standing, offer: Offer, now: datetime) -> str | None:
    """Return the code for why nobody is given a link to the offer now, None when they may be."""
    member = standing.members.get(offer.recipient)
    refused = may_have(standing, offer)
    if refused is not None:
        return refused
    due = offer.status == "requested" and offer.respond_by <= now
    # Whoever takes no part could not answer by it, and is mailed nothing.
    return "link-over" if due or member is None or not member.active else None


def _is_protected(standing: Standing, offer: Offer) -> bool:
    return offer.protected or is_guarded(standing, offer.recipient)


def _asks(offer: Offer, ends: datetime, now: datetime) -> bool:
    """Say whether something may still be said by a link that ends then: until the answer is due, or the work over."""
    if offer.status == "requested":
        return now < ends
    unanswered = offer.detail == UNANSWERED and offer.closed is not None and now < offer.closed + AFTERWARDS
    return unanswered or offer.status in TAKEN


def is_live(link: Listed, sight: Sight, now: datetime) -> bool:
    """Say whether a link about this referral, or about its client, still leads anywhere."""
    if link.revoked is not None or link.tries <= 0 or sight.client.erased:
        return False
    if link.kind == "client":
        return now < link.ends
    offer = next((each for each in sight.offers if each.id == link.offer), None)
    return offer is not None and _asks(offer, link.ends, now)


def leads_to(given: Given, standing: Standing, referral: Referral, client: Client, now: datetime) -> Offer | None:
    """Return the offer that the link leads to at this moment.

    It ends when an answer is due; once the offer is accepted, with it, or some time after the clock cancelled it.
    """
    offer = offer_of(referral, given.offer or "")
    if offer is None or client.erased or offer.recipient != given.partner or _is_protected(standing, offer):
        return None
    return offer if _asks(offer, min(given.ends, offer.respond_by), now) else None


def is_own(given: Given, client: Client, now: datetime) -> bool:
    """Say whether a client's own link shows anything at this moment."""
    return not client.erased and now < given.ends
