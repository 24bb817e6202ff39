"""What a referral counts for: a pure function of its state, so that sums of it can be checked against the states."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Literal, NamedTuple

from projections.referral.state import Offer, Referral

Measure = Literal["sent", "received", "served"]
MEASURES: tuple[Measure, ...] = ("sent", "received", "served")


class Tick(NamedTuple):
    """One referral counts once: for this partner, in this month."""

    partner: str
    #: The month's first day; months are those of UTC.
    month: date
    measure: Measure


def ticks(referral: Referral) -> set[Tick]:
    """Return all that the referral counts for; an offer that should never have been sent counts for nothing.

    It is sent by its sender when its first offer is, received by each partner with the first offer to it, and
    served by each partner that first says so; when it happened counts, as the events tell it.
    """
    return set(_ticks(referral))


def _ticks(referral: Referral) -> Iterator[Tick]:
    meant = [offer for offer in referral.offers if offer.status != "entered-in-error"]
    if not meant:
        return
    yield Tick(referral.sender, month(min(offer.sent for offer in meant)), "sent")
    for recipient in {offer.recipient for offer in meant if offer.recipient}:
        offers = [offer for offer in meant if offer.recipient == recipient]
        yield Tick(recipient, month(min(offer.sent for offer in offers)), "received")
        served = min(_served(offers), default=None)
        if served is not None:
            yield Tick(recipient, month(served), "served")


def _served(offers: Iterable[Offer]) -> Iterator[datetime]:
    return (offer.closed for offer in offers if offer.status == "completed" and offer.closed is not None)


def month(time: datetime) -> date:
    """Return the first day of the month, for a time in UTC."""
    return date(time.year, time.month, 1)
