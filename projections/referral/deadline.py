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
from projections.referral.status import is_awaited_late
from projections.referral.timing import escalation_of, reminder_of
from projections.referral.transitions import CANCEL_ASKED, EXPIRED, OPEN

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
        "promise": "int4",
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
    """Return what the clock says of the offer next, unless somebody acts before; None when it waits for nothing."""
    if offer.status not in OPEN:
        return None
    # With its consent it ends first, whatever comes in the same moment: nothing is shared any more.
    kind, due = _WITHDRAWN, offer.consent_until
    for other, at in _awaited(offer):
        if at is not None and (due is None or at < due):
            kind, due = other, at
    return None if due is None else Due(kind, due)


_WITHDRAWN: Kind = "withdrawn"


def _awaited(offer: Offer) -> tuple[tuple[Kind, datetime | None], ...]:
    """Return what the clock says beside that if nobody acts, and when; in order where equal.

    What it said is said for its moment, and comes again for another one alone.
    """
    if offer.detail == CANCEL_ASKED:
        return (("cancel_confirmed", offer.confirm_by),)
    reminder, escalation = reminder_of(offer), escalation_of(offer)
    reminder = None if reminder == offer.reminded else reminder
    escalation = None if escalation == offer.escalated else escalation
    if offer.status != "requested":
        return (("reminded", reminder), ("escalated", escalation))
    return (("reminded", reminder), ("escalated", escalation), ("offer_expired", offer.respond_by))


_NOTHING = (None, None)


class Deadlines:
    """One row for each offer; of one that waits for nothing only the key, and when it was sent, remain."""

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
        # Whether an answer is awaited late hangs on the others, too.
        if earlier is offer and offer.detail != EXPIRED:
            continue
        waits = _waits(after, offer)
        if before is None or earlier is None or _waits(before, earlier) != waits:
            yield (*key[1:], offer.id, *waits, offer.sent, offer.backfilled)


def _waits(referral: Referral, offer: Offer) -> Row:
    """Return what is due, when, after which promise, of whom it is asked, and who asked.

    The latter as long as an answer is awaited, in time or late.
    """
    if offer.status in OPEN:
        sender = referral.sender if offer.status == "requested" else None
        return (*(due_of(offer) or _NOTHING), offer.promises, offer.recipient or None, sender)
    sender = referral.sender if offer.detail == EXPIRED and is_awaited_late(referral, offer) else None
    return (*_NOTHING, offer.promises, None, sender)
