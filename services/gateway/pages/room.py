"""How much room a service has, in words, with the age of what was said.  Pure."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from services.gateway.pages.known import Known
from services.gateway.pages.words import distance

_STATUS: Mapping[str, str] = MappingProxyType(
    {
        "capacity": "room",
        "no-capacity": "no room",
        "waitlist": "a waiting list",
        "assessment-required": "room is known after an assessment",
    }
)
NOBODY_SAID = "room: nobody said"


def room(capacity: Mapping[str, Any] | None, known: Known) -> str:
    """Return it as one reads it: `room: 4 of 10 beds, said 2 days ago`."""
    if capacity is None:
        return NOBODY_SAID
    age = distance(datetime.fromisoformat(capacity["reported"]), known.now)
    return f"{_STATUS[capacity['status']]}{_count(capacity, known)}, said {age}"


def _count(capacity: Mapping[str, Any], known: Known) -> str:
    available, maximum = capacity["available"], capacity["maximum"]
    if available is None and maximum is None:
        return ""
    unit = known.label("unit", capacity["unit"]).lower() if capacity["unit"] else ""
    if available is None:
        return f": of {maximum} {unit}".rstrip()
    of = f" of {maximum}" if maximum is not None else ""
    return f": {available}{of} {unit}".rstrip()
