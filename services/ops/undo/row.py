"""A step as the row that the partner would send: pure, and the same row however often it is sent."""

from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Any

from projections.times import utc
from services.ops.undo.step import State, Taken


def row(step: Taken, state: State, now: datetime, correlation: str, names: Mapping[str, str]) -> dict[str, Any]:
    """Return the row for a step that was planned from this state; `names` are the partner's own of its clients.

    Sent again after a broken connection it has the same id and says the same, so it counts once.  Once something else
    has happened to its subject it is another event, as the first may have been refused because of that.
    """
    about = {"client": names.get(step.subject, step.subject)} if step.client else {"subject": step.subject}
    at = _time(state, now).isoformat()
    return {
        "id": f"undo:{step.type}:{step.undoes}:{at}",
        "type": step.type,
        "time": at,
        **about,
        "correlationid": f"undo:{correlation}"[:128],
        "data": dict(step.data),
    }


def _time(state: State, now: datetime) -> datetime:
    """Return the latest instant that the subject's history holds, or the start of today (UTC) where that is later.

    An earlier day would shorten a recipient's days to answer, and is turned away when it is long past.
    """
    return max(utc(state.last), datetime.combine(utc(now), time.min, UTC))
