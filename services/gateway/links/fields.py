"""The fields of forms: how each is shown, and what it says.  Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from events.fields import DAY_PATTERN, LONGEST_TEXT
from services.gateway.pages.html import Html, tag

Typed = Mapping[str, str]
#: Gives the codes of a codelist with what people read in their place.
Lists = Callable[[str], Mapping[str, str]]


class Unfit(Exception):
    """What was typed cannot be taken; the message is for whoever typed it."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """One thing that is asked; `name` is the event's own."""

    name: str
    label: str
    hint: str = ""
    required: bool = False
    #: Whether it may be left out depends on other fields, as the hint says.
    depends: bool = False

    def told(self, fault: str) -> str:
        """Return what is wrong in words that can be understood away from the field."""
        return f"{self.label} {fault.capitalize()}." if self.label.endswith("?") else f"{self.label}: {fault}"

    def read(self, typed: Typed, lists: Lists) -> Any:
        """Return what it says in the event, None where it was left empty.  Raises Unfit."""
        text = typed.get(self.name, "").strip()
        if text:
            return self.value(text, lists)
        if self.required:
            raise Unfit(self.told("this is needed"))
        return None

    def value(self, text: str, lists: Lists) -> Any:
        """Return what a text that somebody typed says.  Raises Unfit."""
        raise NotImplementedError

    def show(self, typed: Typed, lists: Lists, fault: str | None) -> Html:
        """Return the label with the field, filled as it was typed."""
        marked = self.label if self.required or self.depends else f"{self.label} (if you like)"
        said = (tag("label", marked, for_=self.name), *self.notes(fault), self.control(typed, lists, self.tied(fault)))
        return Html("".join(said))

    def control(self, typed: Typed, lists: Lists, tied: Mapping[str, str]) -> Html:
        """Return what one types into."""
        raise NotImplementedError

    def notes(self, fault: str | None) -> Sequence[Html]:
        """Return what stands between the label and the field."""
        hint = (tag("p", self.hint, class_="hint", id=f"{self.name}-hint"),) if self.hint else ()
        return (*hint, *((tag("p", fault, class_="fault", id=f"{self.name}-fault"),) if fault else ()))

    def tied(self, fault: str | None) -> dict[str, str]:
        """Return the attributes by which a screen reader finds those."""
        ids = [f"{self.name}-hint"] if self.hint else []
        ids += [f"{self.name}-fault"] if fault else []
        return ({"aria_describedby": " ".join(ids)} if ids else {}) | ({"aria_invalid": "true"} if fault else {})


@dataclass(frozen=True, kw_only=True)
class Choice(Field):
    """One code of a codelist, or of the options given."""

    codelist: str = ""
    options: Mapping[str, str] = field(default_factory=dict)

    def value(self, text: str, lists: Lists) -> str:
        if text not in self.known(lists):
            raise Unfit(self.told("choose one of the list"))
        return text

    def known(self, lists: Lists) -> Mapping[str, str]:
        """Return what can be chosen."""
        return self.options or lists(self.codelist)

    def control(self, typed: Typed, lists: Lists, tied: Mapping[str, str]) -> Html:
        chosen = typed.get(self.name, "")
        first = tag("option", "Choose one", value="", selected=not chosen)
        lines = [tag("option", text, value=code, selected=code == chosen) for code, text in self.known(lists).items()]
        return tag("select", first, *lines, id=self.name, name=self.name, required=self.required, **tied)


@dataclass(frozen=True, kw_only=True)
class Radios(Choice):
    """The same with all of it in sight."""

    def show(self, typed: Typed, lists: Lists, fault: str | None) -> Html:
        tied, lines = self.tied(fault), []
        tied.pop("aria_invalid", None)
        for number, (code, text) in enumerate(self.known(lists).items()):
            place = self.name if not number else f"{self.name}-{number}"
            chosen = typed.get(self.name) == code
            kept = {"id": place, "name": self.name, "value": code}
            one = tag("input", type="radio", required=self.required, checked=chosen, **kept)
            lines.append(tag("label", one, text, for_=place, class_="choice"))
        return tag("fieldset", tag("legend", self.label), *self.notes(fault), *lines, **tied)


@dataclass(frozen=True, kw_only=True)
class Tick(Field):
    """Yes when it is ticked."""

    def read(self, typed: Typed, lists: Lists) -> Any:
        return True if typed.get(self.name) else None

    def show(self, typed: Typed, lists: Lists, fault: str | None) -> Html:
        kept = {"id": self.name, "name": self.name, "value": "yes"}
        box = tag("input", type="checkbox", checked=bool(typed.get(self.name)), **kept, **self.tied(fault))
        return Html("".join((*self.notes(fault), tag("label", box, self.label, for_=self.name, class_="choice"))))


@dataclass(frozen=True, kw_only=True)
class Day(Field):
    """A day, as a date."""

    def value(self, text: str, lists: Lists) -> str:
        if not re.fullmatch(DAY_PATTERN[1:-1], text):
            raise Unfit(self.told("write the day as in 2026-03-31"))
        return text

    def control(self, typed: Typed, lists: Lists, tied: Mapping[str, str]) -> Html:
        kept = {"id": self.name, "name": self.name, "value": typed.get(self.name, "")}
        return tag("input", type="date", required=self.required, placeholder="2026-03-31", **kept, **tied)


@dataclass(frozen=True, kw_only=True)
class Number(Field):
    """A whole number, not below 0."""

    def value(self, text: str, lists: Lists) -> int:
        if not re.fullmatch("[0-9]{1,3}", text):
            raise Unfit(self.told("write a number, such as 3"))
        return int(text)

    def control(self, typed: Typed, lists: Lists, tied: Mapping[str, str]) -> Html:
        kept = {"id": self.name, "name": self.name, "value": typed.get(self.name, ""), "maxlength": "3"}
        return tag("input", type="text", inputmode="numeric", required=self.required, **kept, **tied)


@dataclass(frozen=True, kw_only=True)
class Words(Field):
    """A text, which is sealed before it goes anywhere."""

    def value(self, text: str, lists: Lists) -> str:
        if len(text) > LONGEST_TEXT:
            raise Unfit(self.told("this is too long"))
        return text.replace("\r\n", "\n")

    def control(self, typed: Typed, lists: Lists, tied: Mapping[str, str]) -> Html:
        kept = {"id": self.name, "name": self.name, "maxlength": str(LONGEST_TEXT)}
        return tag("textarea", typed.get(self.name, ""), rows="5", autocomplete="off", **kept, **tied)


class Filled:
    """A form as somebody filled it: the values that its fields say, and what is wrong with the others."""

    def __init__(self, fields: Sequence[Field], typed: Typed, lists: Lists) -> None:
        self.values: dict[str, Any] = {}
        self.faults: dict[str, str] = {}
        for each in fields:
            try:
                value = each.read(typed, lists)
            except Unfit as unfit:
                self.faults[each.name] = str(unfit)
                continue
            if value is not None:
                self.values[each.name] = value
