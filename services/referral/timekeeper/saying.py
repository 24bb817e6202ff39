"""What the timekeeper says of an offer: the same bytes, whoever says it and whenever, so that saying it twice is once.

Nothing here asks a clock.  `time` is the deadline itself: that is when it happened, however late it is said.
"""

from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson

from events.referral.work import CONSENT_OVER
from services.admission.standing import Absence
from services.referral.store import Held, Side, Waiting

#: What is said of an answer that is due, and of each promise.
_REPEATED = ("reminded", "escalated")


class Said(NamedTuple):
    """An event's short name without the family, what its id begins with, and its data."""

    kind: str
    name: str
    data: dict[str, Any]


def timed(waiting: Waiting) -> bytes:
    """Return the event that names the offer's own deadline; of the end of its consent, that is a withdrawal."""
    data = {"deadline": _written(waiting.due)}
    if waiting.kind == "withdrawn":
        return _row(waiting, waiting.due, Said(waiting.kind, CONSENT_OVER, {"reason": CONSENT_OVER, **data}))
    return _row(waiting, waiting.due, Said(waiting.kind, _named(waiting), data))


def _named(waiting: Waiting) -> str:
    """Return what the id begins with: what is said of a promise is none of what was said before it of that moment."""
    promised = waiting.promise and waiting.kind in _REPEATED
    return f"{waiting.kind}:{waiting.promise}" if promised else waiting.kind


def withdrawn(held: Held, absence: Absence, side: Side) -> bytes:
    """Return the withdrawal of an offer of which this side left, or was suspended, at this instant."""
    # A word of its own for each side: both may be gone since the same instant.
    name, who = ("withdrawn", "partner") if side == "recipient" else ("sender-left", "sender")
    return _row(held, absence.since, Said("withdrawn", name, {"reason": f"{who}-{absence.how}"}))


def _row(of: Waiting | Held, at: datetime, said: Said) -> bytes:
    row = {
        "id": f"{said.name}:{of.referral}:{of.offer}:{_written(at)}",
        "type": f"referral.{said.kind}",
        # An offer may be sent after its deadline, and nothing can happen to it before.
        "time": _written(max(at, of.sent)),
        "partitionkey": of.record,
        "subject": of.referral,
        "data": {"offer_id": of.offer, **said.data},
    }
    return orjson.dumps(row)


def _written(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds")
