"""What the timekeeper says of an offer: the same bytes, whoever says it and whenever, so that saying it twice is once.

Nothing here asks a clock.  `time` is the deadline itself: that is when it happened, however late it is said.
"""

from datetime import UTC, datetime
from typing import Any

import orjson

from services.admission.standing import Absence
from services.referral.store import Held, Waiting


def timed(waiting: Waiting) -> bytes:
    """Return the event that names the offer's own deadline."""
    due = _written(waiting.due)
    return _row(waiting.kind, waiting, due, max(waiting.due, waiting.sent), {"deadline": due})


def withdrawn(held: Held, absence: Absence) -> bytes:
    """Return the withdrawal of an offer whose recipient left, or was suspended, at this instant."""
    since = _written(absence.since)
    return _row("withdrawn", held, since, max(absence.since, held.sent), {"reason": f"partner-{absence.how}"})


def _row(kind: str, of: Waiting | Held, deadline: str, happened: datetime, data: dict[str, Any]) -> bytes:
    said = {
        "id": f"{kind}:{of.referral}:{of.offer}:{deadline}",
        "type": f"referral.{kind}",
        # An offer may be sent after its deadline, and nothing can happen to it before.
        "time": _written(happened),
        "partitionkey": of.record,
        "subject": of.referral,
        "data": {"offer_id": of.offer, **data},
    }
    return orjson.dumps(said)


def _written(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds")
