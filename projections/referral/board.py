"""The referral board: the row that a referral's state is kept in, with columns to read it by."""

from pathlib import Path

from projections.projection import Ending, Key, Kind, Row, Table
from projections.referral.state import Offer, Referral, decode_referral, encode
from projections.referral.status import standing_of

BOARD = Table(
    name="referral",
    columns={
        "initiative": "text",
        "record": "uuid",
        "id": "uuid",
        "state": "text",
        "status": "text",
        "detail": "text",
        "loop": "text",
        "sender": "text",
        "recipient": "text",
        "to_class": "text",
        "service": "uuid",
        "taxonomy": "text",
        "need": "text",
        "area": "text",
        "urgency": "text",
        "programme": "text",
        "programme_class": "text",
        "protected": "bool",
        "requested_at": "timestamptz",
        "sent_at": "timestamptz",
        "responded_at": "timestamptz",
        "accepted_at": "timestamptz",
        "started_at": "timestamptz",
        "closed_at": "timestamptz",
        "acknowledged_at": "timestamptz",
        "respond_by": "timestamptz",
        "outcome": "text",
        "reason": "text",
        "offers": "int2",
        "backfilled": "bool",
        "erased": "bool",
    },
    key=("initiative", "record", "id"),
    sql=Path(__file__).with_name("board.sql"),
    erasable=(),
    # Nobody can make another offer for one who was erased, so what is open can only have ended without service.
    ending=Ending("loop", "open", {"loop": "closed-not-served", "status": "cancelled"}),
)
_UNSENT: Row = (None,) * 9


def row(key: Key, referral: Referral) -> Row:
    """Return the referral's row; what is said of an offer is said of the one that leads."""
    status, loop, lead = standing_of(referral)
    detail = recipient = to_class = service = programme_class = None
    protected, sent = False, _UNSENT
    if lead is not None:
        detail, recipient, service = lead.detail, lead.recipient or None, lead.service
        to_class = None if recipient else lead.to_class
        programme_class, protected, sent = lead.programme_class, lead.protected, _sent(lead)
    return (
        *key[1:],
        encode(referral),
        status,
        detail,
        loop,
        referral.sender,
        recipient,
        to_class,
        service,
        referral.taxonomy,
        referral.need,
        referral.area,
        referral.urgency,
        referral.programme,
        programme_class,
        protected,
        referral.requested,
        *sent,
        len(referral.offers),
        referral.backfilled,
        False,
    )


def _sent(offer: Offer) -> Row:
    """Return the columns from `sent_at` to `reason`."""
    return (
        offer.sent,
        offer.responded,
        offer.accepted,
        offer.started,
        offer.closed,
        offer.acknowledged,
        offer.respond_by,
        offer.outcome,
        offer.reason,
    )


REFERRALS = Kind(BOARD, decode_referral, row)
