"""Who was asked to meet a need, where the board names somebody else or nobody yet: rows that lists find it by."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, cast

from events.catalogue import CaseEvent, Event
from projections.projection import Entry, Key, Row, Table
from projections.referral.changes import MOVING, changed_referrals
from projections.referral.keys import client_key
from projections.referral.state import Offer, Referral, offer_of
from projections.referral.status import is_awaited_late

ASKED = Table(
    name="asked",
    columns={
        "initiative": "text",
        "record": "uuid",
        "referral": "uuid",
        "offer": "uuid",
        "partner": "text",
        "to_class": "text",
        "respond_by": "timestamptz",
    },
    key=("initiative", "record", "referral", "offer"),
    sql=Path(__file__).with_name("asked.sql"),
)


class Whom(NamedTuple):
    """Who an offer asks: a partner, or whoever of a class claims it by a day; neither where the board says it."""

    partner: str | None = None
    to_class: str | None = None
    respond_by: datetime | None = None


_NOBODY = Whom()


class Asked:
    """One row for each offer that the board's own columns do not find, written only when whom it asks changes."""

    table = ASKED
    types = MOVING

    def aggregate(self, event: Event) -> Key:
        # An event of the client may end offers of many referrals.
        return client_key(cast(CaseEvent, event))

    def rows(self, entry: Entry) -> Iterable[Row]:
        return [
            row
            for key, before, after in changed_referrals(entry)
            if not _is_plain(after)
            for row in _changed(key, before, after)
        ]


def _is_plain(referral: Referral) -> bool:
    """Say whether the board finds it for whom it was offered to: most referrals have one offer, to one partner."""
    offers = referral.offers
    return not offers or (len(offers) == 1 and offers[0].to_class is None)


def _changed(key: Key, before: Referral | None, after: Referral) -> Iterator[Row]:
    for offer in after.offers:
        whom = whom_of(after, offer)
        if whom != _earlier(before, offer):
            yield (*key[1:], offer.id, *whom)


def _earlier(before: Referral | None, offer: Offer) -> Whom:
    was = None if before is None else offer_of(before, offer.id)
    return _NOBODY if before is None or was is None else whom_of(before, was)


def whom_of(referral: Referral, offer: Offer) -> Whom:
    """Return who finds the referral by this offer."""
    if not offer.recipient:
        wanted = may_be_claimed(referral, offer)
        return Whom(to_class=offer.to_class, respond_by=offer.respond_by) if wanted else _NOBODY
    return _NOBODY if len(referral.offers) == 1 else Whom(offer.recipient)


def is_unclaimed(offer: Offer) -> bool:
    """Say whether a class was asked, nobody of it has claimed the offer, and an answer is still awaited."""
    return offer.to_class is not None and not offer.recipient and offer.status == "requested"


def may_be_claimed(referral: Referral, offer: Offer) -> bool:
    """Say the same, or that nobody answered in time and its sender still waits."""
    if offer.to_class is None or offer.recipient:
        return False
    return offer.status == "requested" or is_awaited_late(referral, offer)
