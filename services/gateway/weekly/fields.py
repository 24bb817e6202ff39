"""What is asked where one corrects how much room a service has."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from projections.initiative.state import Capacity
from services.gateway.links.fields import Choice, Field, Lists, Number, Radios, Typed, Unfit
from services.gateway.pages.html import Html, tag

STATUSES = {
    "capacity": "There is room",
    "no-capacity": "There is no room",
    "waitlist": "There is a waiting list",
    "assessment-required": "It is known after an assessment",
}
#: Digits of a number at most.
DIGITS = 6


class Figure(Number):
    """A whole number, not below 0, larger than those of other forms."""

    def value(self, text: str, lists: Lists) -> int:
        if not re.fullmatch(f"[0-9]{{1,{DIGITS}}}", text):
            raise Unfit(self.told("write a number, such as 3"))
        return int(text)

    def control(self, typed: Typed, lists: Lists, tied: Mapping[str, str]) -> Html:
        kept = {"id": self.name, "name": self.name, "value": typed.get(self.name, ""), "maxlength": str(DIGITS)}
        return tag("input", type="text", inputmode="numeric", required=self.required, **kept, **tied)


FIELDS: Sequence[Field] = (
    Radios(name="status", label="Is there room?", options=STATUSES, required=True),
    Figure(name="available", label="How much is free now?"),
    Figure(name="maximum", label="How much is there in all?"),
    Choice(name="unit", label="Of what?", codelist="unit"),
)


def typed_of(said: Capacity | None) -> dict[str, str]:
    """Return what was said last as one would have typed it, but how much is free: that is what has changed."""
    if said is None:
        return {}
    told = {"status": said.status, "maximum": said.maximum, "unit": said.unit}
    return {name: str(value) for name, value in told.items() if value is not None}


def contradicted(values: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong between the fields, by the field that it is told at."""
    available, asked = values.get("available", 0), FIELDS[1].label
    if available and values.get("status") == "no-capacity":
        return {"available": f"{asked} You said that there is no room."}
    if available > values.get("maximum", available):
        return {"available": f"{asked} This is more than there is in all."}
    return {}
