"""Several fields at once: read together, shown together, and what is wrong with them told on top.  Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from services.gateway.pages.fields import Field, Lists, Typed, Unfit
from services.gateway.pages.html import NOTHING, Html, tag, together

#: Stands for the whole form where a fault is of no field.
WHOLE = ""
#: Bytes and fields of a form that staff fill in: 4,000 characters of text in four bytes each, written with percents.
LARGEST, MOST = 128 << 10, 200
#: What is wrong, by the field's name.
Faults = Mapping[str, str]


class Answers(NamedTuple):
    """What was typed, as an event's data has it, and what is wrong with it."""

    values: dict[str, Any]
    faults: dict[str, str]


def read(fields: Iterable[Field], typed: Typed, lists: Lists) -> Answers:
    """Return the values of the fields that hold any."""
    answers = Answers({}, {})
    for field in fields:
        try:
            value = field.read(typed, lists)
        except Unfit as unfit:
            answers.faults[field.name] = str(unfit)
            continue
        if value is not None:
            answers.values[field.name] = value
    return answers


def show(fields: Iterable[Field], typed: Typed, lists: Lists, faults: Faults) -> Html:
    """Return the fields with what was typed into them."""
    return together(*(field.show(typed, lists, faults.get(field.name)) for field in fields))


def summary(fields: Sequence[Field], faults: Faults) -> Html:
    """Return what is wrong, each leading to its field; whoever hears the page hears it first."""
    if not faults:
        return NOTHING
    places = {field.name: field.place for field in fields}
    links = [
        tag("li", tag("a", text, href=f"#{places[name]}") if name in places else text) for name, text in faults.items()
    ]
    head = tag("h2", "This needs to be mended" if len(faults) == 1 else "These need to be mended", id="faults-title")
    said = {"id": "faults", "role": "alert", "tabindex": "-1", "aria_labelledby": "faults-title"}
    return tag("div", head, tag("ul", *links, role="list"), class_="faults", autofocus=True, **said)
