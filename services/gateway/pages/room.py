"""How much room a service has, in words, with the age of what was said.  Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.gateway.pages.known import Known
from services.gateway.pages.words import distance
from services.notifications.weekly import room as words


def room(capacity: Mapping[str, Any] | None, known: Known) -> str:
    """Return it as one reads it: `room: 4 of 10 beds, said 2 days ago`."""
    if capacity is None:
        return words.NOBODY_SAID
    unit = known.label("unit", capacity["unit"]).lower() if capacity["unit"] else ""
    said = words.room(capacity["status"], capacity["available"], capacity["maximum"], unit)
    return f"{said}, said {distance(datetime.fromisoformat(capacity['reported']), known.now)}"
