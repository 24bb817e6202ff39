"""What each open offer waits for next, and when: rows for the timekeeper, written only when that changes."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple, cast

from events.catalogue import CaseEvent, Event
from projections.projection import Entry, Key, Row, Table
from projections.referral.changes import MOVING, changed_referrals
from projections.referral.keys import client_key
from projections.referral.state import Offer, Referral, offer_of
from projections.referral.timing import escalation_of, reminder_of
from projections.referral.transitions import CANCEL_ASKED, OPEN

#: The event that says that the deadline came: its short name, without the family.
Kind = Literal["reminded", "escalated", "offer_expired", "cancel_confirmed", "withdrawn"]

DEADLINE = Table(
    name="deadline",
    columns={
        "initiative": "text",
        "record": "uuid",
        "referral": "uuid",
        "offer": "uuid",
        "kind": "text",
        "due": "timestamptz",
        "recipient": "text",
        "sender": "text",
        "sent": "timestamptz",
        "backfilled": "bool",
    },
    key=("initiative", "record", "referral", "offer"),
    sql=Path(__file__).with_name("deadline.sql"),
)


class Due(NamedTuple):
    """What is to be said of an offer next, and the deadline that it names."""

    kind: Kind
    at: datetime


def due_of(offer: Offer) -> Due | None:
    """Return what the clock says of the offer next, unless somebody acts before; None when it waits for nothing.

    Whatever else comes in the same moment as the end of its consent, that comes first: nothing is shared any more.
    """
    if offer.status not in OPEN:
        return None
    due, until = _awaited(offer), offer.consent_until
    return due if until is None or (due is not None and due.at < until) else Due("withdrawn", until)


def _awaited(offer: Offer) -> Due | None:
    """Return what is said if nobody acts; None when it waits for nobody."""
    if offer.detail == CANCEL_ASKED:
        return _unsaid("cancel_confirmed", offer.confirm_by, None)
    due = Due("offer_expired", offer.respond_by) if offer.status == "requested" else None
    escalated = _unsaid("escalated", escalation_of(offer), offer.escalated)
    return _first(_unsaid("reminded", reminder_of(offer), offer.reminded), _first(escalated, due))


def _first(one: Due | None, other: Due | None) -> Due | None:
    """Return what comes first; of the same moment, `one`."""
    return other if one is None or (other is not None and other.at < one.at) else one


def _unsaid(kind: Kind, at: datetime | None, said: datetime | None) -> Due | None:
    """Return the deadline, unless it or a later one was named.

    One to which an estimate returned would be named under the id of the first time, and count as said already.
    """
    return None if at is None or (said is not None and said >= at) else Due(kind, at)


class Deadlines:
    """One row for each offer; of one that has ended only the key, and when it was sent, remain."""

    table = DEADLINE
    types = MOVING

    def aggregate(self, event: Event) -> Key:
        # An event of the client may end offers of many referrals.
        return client_key(cast(CaseEvent, event))

    def rows(self, entry: Entry) -> Iterable[Row]:
        return [row for change in changed_referrals(entry) for row in _moved(*change)]


def _moved(key: Key, before: Referral | None, after: Referral) -> Iterable[Row]:
    """Yield the rows of the offers that wait for something else than before."""
    for offer in after.offers:
        earlier = None if before is None else offer_of(before, offer.id)
        if earlier is not offer and (earlier is None or _waits(after, earlier) != _waits(after, offer)):
            yield (*key[1:], offer.id, *_waits(after, offer), offer.sent, offer.backfilled)


def _waits(referral: Referral, offer: Offer) -> Row:
    """Return what is due, when, of whom it is asked, and who asked as long as nobody has answered."""
    recipient = offer.recipient if offer.status in OPEN else None
    sender = referral.sender if offer.status == "requested" else None
    return (*(due_of(offer) or (None, None)), recipient or None, sender)
