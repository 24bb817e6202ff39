"""How much room a service has, in words.  Pure."""

from collections.abc import Mapping
from types import MappingProxyType

#: What each status is called.
STATUS: Mapping[str, str] = MappingProxyType(
    {
        "capacity": "room",
        "no-capacity": "no room",
        "waitlist": "a waiting list",
        "assessment-required": "room is known after an assessment",
    }
)
NOBODY_SAID = "room: nobody said"


def room(status: str, available: int | None, maximum: int | None, unit: str) -> str:
    """Return it as one reads it, such as `room: 4 of 10 beds`; `unit` is what people read, or nothing."""
    if available is None and maximum is None:
        return STATUS[status]
    if available is None:
        return f"{STATUS[status]}: of {maximum} {unit}".rstrip()
    of = f" of {maximum}" if maximum is not None else ""
    return f"{STATUS[status]}: {available}{of} {unit}".rstrip()
