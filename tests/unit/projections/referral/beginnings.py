"""How the histories of these tests begin, and the offer that stands in them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from projections.referral import REFERRAL
from projections.referral.rules import OPENED
from projections.referral.state import Offer
from tests.support.events import CONSENT, NOON, OFFER, SERVICE, Told, partner
from tests.support.story import History

MINUTE = timedelta(minutes=1)
DUE = datetime(2026, 3, 9, 12, tzinfo=UTC)
SOON, LATER = DUE - timedelta(days=4), DUE - timedelta(days=2)
LINK, CLIENT_LINK = "urn:manyhands:link:l", "urn:manyhands:client-link:c"
#: Whom a class stood for when consent was given.
CLASS = {"recipients": {"classes": ["housing"]}, "admitted": {"class_members": ["shelter", "pantry"]}}
SENT = Offer(
    id=OFFER,
    recipient="shelter",
    service=SERVICE,
    status="requested",
    detail="sent",
    consent=CONSENT,
    purpose="coordination",
    data_classes=("contact",),
    programme_class="general",
    protected=False,
    respond_by=DUE,
    sent=NOON,
)


def asked(told: Told, consent: dict[str, Any] | None = None, **said: Any) -> History:
    """Return a history in which a need was stated under consent; `said` goes for all of it."""
    begun = History(REFERRAL).given(told("client.registered", **said), told("consent.granted", **consent or said))
    return begun.given(told("referral.requested", **said))


def offered(told: Told, **offer: Any) -> History:
    return asked(told).given(told("referral.offer_sent", **offer))


def accepted(told: Told, **said: Any) -> History:
    return offered(told).given(told("referral.offer_accepted", **said))


def opened(told: Told, **consent: Any) -> History:
    """Return a history in which a class was asked, under a consent that names it."""
    begun = History(REFERRAL, OPENED).given(told("client.registered"), told("consent.granted", **CLASS | consent))
    return begun.given(told("referral.requested"), told("referral.offer_sent", **TO_CLASS))


TO_CLASS: dict[str, Any] = {
    "recipient": None,
    "to_class": "housing",
    "admitted": {"class_members": ["shelter", "pantry"], "programme_class": None},
}


def claim(told: Told, who: str = "shelter", classes: tuple[str, ...] = ("housing",), **said: Any) -> Any:
    """Return a claim by this partner, with its classes as admission sees them."""
    looked_up = {"recipient_classes": list(classes), "programme_class": "general", "protected": False}
    admitted = looked_up | said.pop("admitted", {})
    return told("referral.offer_claimed", source=partner(who), admitted=admitted, **said)


def only(history: History) -> Offer:
    """Return the one offer."""
    (offer,) = history.state("referral").offers
    assert isinstance(offer, Offer)
    return offer


def standing(history: History) -> tuple[str, str]:
    """Return status and loop as the board has them."""
    row = history.row("referral")
    return row["status"], row["loop"]
