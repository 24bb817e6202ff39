"""The offers of the account: sending one gives its recipient what it holds, whether anybody looks at it or not."""

from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import json

from projections.referral.state import Offer
from projections.sql import statement
from services.disclosure.account import SENT, About, Line, Offered, Run

SQL = Path(__file__).with_name("offers.sql")
#: What whoever could claim it is shown of an offer to a class; by none of it can they tell whose need it is.
OPENLY = ("need", "urgency", "area")
_offers = json.Decoder(Offer)


class Place(NamedTuple):
    """Where a page of them ended."""

    given: datetime
    place: int


async def offers_of(run: Run, about: About, partner: str | None, after: Place | None, limit: int) -> list[Line]:
    """Return a page: all of them, or those that the partner sent or received.

    `run` sees one build's tables by their bare names.
    """
    rows = await run(statement(SQL, "of_client"), *about[:3], *(after or (None, None)), partner, limit)
    return [_line(row, _offers.decode(row["offer"])) for row in rows]


def _line(row: Any, offer: Offer) -> Line:
    openly = offer.to_class is not None and row["type"] == SENT
    return Line(
        place=row["record_offset"],
        event=row["event"],
        kind=row["type"],
        subject=row["subject"],
        reader="" if openly else offer.recipient,
        actor=row["actor"],
        purpose=offer.purpose,
        fields=OPENLY if openly else offer.data_classes,
        consent=offer.consent,
        link_by=None,
        happened=row["happened"],
        recorded=row["recorded"],
        offer=Offered(
            id=offer.id,
            given=row["given"],
            by=row["sender"],
            to_class=offer.to_class if openly else None,
            protected=offer.protected,
            accepted=offer.accepted is not None,
            in_error=offer.status == "entered-in-error",
        ),
    )
