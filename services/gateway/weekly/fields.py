"""What is asked where one corrects how much room a service has."""

from collections.abc import Mapping, Sequence
from typing import Any

from projections.initiative.state import Capacity
from services.gateway.pages.choosing import Radios, Select
from services.gateway.pages.fields import Field, Number, Typed

STATUSES = {
    "capacity": "There is room",
    "no-capacity": "There is no room",
    "waitlist": "There is a waiting list",
    "assessment-required": "It is known after an assessment",
}
#: Rooms, meals or hours that one may say there are.
MOST = 999_999

FIELDS: Sequence[Field] = (
    Radios(name="status", label="Is there room?", options=tuple(STATUSES.items()), required=True),
    Number(name="available", label="How much is free now?", most=MOST),
    Number(name="maximum", label="How much is there in all?", most=MOST),
    Select(name="unit", label="Of what?", of="unit"),
)


def typed_of(said: Capacity | None) -> Typed:
    """Return what was said last as one would have typed it, but how much is free: that is what has changed."""
    if said is None:
        return Typed()
    told = {"status": said.status, "maximum": said.maximum, "unit": said.unit}
    return Typed((name, str(value)) for name, value in told.items() if value is not None)


def contradicted(values: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong between the fields, by the field that it is told at."""
    available, asked = values.get("available", 0), FIELDS[1].label
    if available and values.get("status") == "no-capacity":
        return {"available": f"{asked} You said that there is no room."}
    if available > values.get("maximum", available):
        return {"available": f"{asked} This is more than there is in all."}
    return {}
