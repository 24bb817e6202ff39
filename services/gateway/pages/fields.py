"""Fields of forms: what each is called, how it looks, and what may be typed into it.  Pure.

A field is shown with its label, its hint and what is wrong with it tied to it, so that whoever hears the page
hears all three; what was typed stays.
"""

import re
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from events.fields import DAY_PATTERN, LONGEST_TEXT, TEXT_PATTERN
from services.gateway.pages.html import NOTHING, Html, tag, together

#: A code and what people read in its place.
Options = Sequence[tuple[str, str]]
#: Finds the options of a codelist or of another list by its name.
Lists = Callable[[str], Options]


class Unfit(Exception):
    """What was typed does not fit; the message is for whoever typed it."""


class Typed:
    """What was typed into a form: every value of every field."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._values: dict[str, list[str]] = defaultdict(list)
        for name, value in pairs:
            self._values[name].append(value.replace("\r\n", "\n").strip())

    def one(self, name: str) -> str:
        """Return the field's last value, empty where there is none."""
        return self._values[name][-1] if self._values.get(name) else ""

    def all(self, name: str) -> list[str]:
        """Return the field's values that are not empty, each once."""
        return list(dict.fromkeys(each for each in self._values.get(name, ()) if each))

    def pairs(self, names: Iterable[str] | None = None) -> list[tuple[str, str]]:
        """Return what was typed, of these fields or of all."""
        wanted = self._values if names is None else names
        return [(name, value) for name in wanted for value in self._values.get(name, ())]


@dataclass(frozen=True, kw_only=True)
class Field(ABC):
    """A field; `name` is that of the event's data too."""

    name: str
    label: str
    hint: str = ""
    required: bool = False
    #: Whether it may be left out depends on other fields, as the hint says.
    depends: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names that the field goes by in a form."""
        return (self.name,)

    @property
    def place(self) -> str:
        """The id of the field's first control, where the error summary leads to."""
        return f"f-{self.name}"

    @abstractmethod
    def read(self, typed: Typed, lists: Lists) -> Any:
        """Return the value as the event's data has it, None where nothing was typed.  Raises Unfit."""

    @abstractmethod
    def show(self, typed: Typed, lists: Lists, fault: str | None) -> Html:
        """Return the field as it was filled in."""

    @property
    def missing(self) -> str:
        return self.told("this is needed")

    def told(self, text: str) -> str:
        """Return what is wrong, so that it can be understood away from the field."""
        return f"{self.label} {text.capitalize()}" if self.label.endswith("?") else f"{self.label}: {text}"

    @property
    def mark(self) -> Html:
        return NOTHING if self.required or self.depends else tag("span", " (may be left out)", class_="may")

    def about(self, fault: str | None) -> Html:
        """Return the hint, and what is wrong."""
        return together(self.hinted, self.wrong(fault))

    @property
    def hinted(self) -> Html:
        return tag("p", self.hint, id=f"{self.place}-hint", class_="hint") if self.hint else NOTHING

    def wrong(self, fault: str | None) -> Html:
        return tag("p", fault, id=f"{self.place}-fault", class_="fault") if fault else NOTHING

    def tied(self, fault: str | None) -> dict[str, str]:
        """Return the attributes that tie hint and fault to the control."""
        ids = [f"{self.place}-{what}" for what, said in (("hint", self.hint), ("fault", fault)) if said]
        tied = {"aria_describedby": " ".join(ids)} if ids else {}
        return tied | ({"aria_invalid": "true"} if fault else {})


@dataclass(frozen=True, kw_only=True)
class Single(Field):
    """A field with one text in it."""

    def read(self, typed: Typed, lists: Lists) -> Any:
        text = typed.one(self.name)
        if text:
            return self.value(text, lists)
        if self.required:
            raise Unfit(self.missing)
        return None

    @abstractmethod
    def value(self, text: str, lists: Lists) -> Any:
        """Return what the text stands for.  Raises Unfit."""


@dataclass(frozen=True, kw_only=True)
class Labelled(Single):
    """A field with one control, below its label."""

    def show(self, typed: Typed, lists: Lists, fault: str | None) -> Html:
        control = self.control(typed, lists, self.tied(fault))
        return tag("div", tag("label", self.label, self.mark, for_=self.place), self.about(fault), control, class_="f")

    @abstractmethod
    def control(self, typed: Typed, lists: Lists, tied: Mapping[str, str]) -> Html:
        """Return what is typed into."""


@dataclass(frozen=True, kw_only=True)
class Line(Labelled):
    """A line of text that is kept as it is."""

    pattern: str = r"[!-~]([ -~]{0,126}[!-~])?"
    unfit: str = "use letters without accents, digits and signs, 128 of them at most"

    def value(self, text: str, lists: Lists) -> str:
        if not re.fullmatch(self.pattern, text):
            raise Unfit(self.told(self.unfit))
        return text

    def control(self, typed: Typed, lists: Lists, tied: Mapping[str, str]) -> Html:
        said = {"id": self.place, "name": self.name, "value": typed.one(self.name), "maxlength": "128"}
        return tag("input", type="text", autocomplete="off", required=self.required, **said, **tied)


@dataclass(frozen=True, kw_only=True)
class Email(Labelled):
    """An e-mail address, as it is typed."""

    def value(self, text: str, lists: Lists) -> str:
        return text

    def control(self, typed: Typed, lists: Lists, tied: Mapping[str, str]) -> Html:
        said = {"id": self.place, "name": self.name, "value": typed.one(self.name), "maxlength": "254"}
        return tag("input", type="email", autocomplete="off", required=self.required, **said, **tied)


@dataclass(frozen=True, kw_only=True)
class Number(Labelled):
    """A whole number."""

    least: int = 0
    most: int = 999

    @property
    def digits(self) -> int:
        return len(str(self.most))

    def value(self, text: str, lists: Lists) -> int:
        if not re.fullmatch(f"[0-9]{{1,{self.digits}}}", text) or not self.least <= int(text) <= self.most:
            raise Unfit(self.told(f"a whole number from {self.least} to {self.most}"))
        return int(text)

    def control(self, typed: Typed, lists: Lists, tied: Mapping[str, str]) -> Html:
        said = {"id": self.place, "name": self.name, "value": typed.one(self.name), "maxlength": str(self.digits)}
        return tag("input", type="text", inputmode="numeric", class_="short", required=self.required, **said, **tied)


@dataclass(frozen=True, kw_only=True)
class Day(Labelled):
    """A day, which the initiative's zone makes a moment of."""

    def value(self, text: str, lists: Lists) -> str:
        try:
            date.fromisoformat(text)
        except ValueError:
            raise Unfit(self.told("a day, such as 2026-03-31")) from None
        if not re.match(DAY_PATTERN, text):
            raise Unfit(self.told("a day, such as 2026-03-31"))
        return text

    def control(self, typed: Typed, lists: Lists, tied: Mapping[str, str]) -> Html:
        said = {"id": self.place, "name": self.name, "value": typed.one(self.name)}
        return tag("input", type="date", placeholder="2026-03-31", required=self.required, **said, **tied)


@dataclass(frozen=True, kw_only=True)
class Text(Labelled):
    """Text about a person, which is sealed on its way."""

    def value(self, text: str, lists: Lists) -> str:
        if len(text) > LONGEST_TEXT:
            raise Unfit(self.told(f"{LONGEST_TEXT} characters at most, these are {len(text)}"))
        if not re.match(TEXT_PATTERN, text):
            raise Unfit(self.told("it holds a character that cannot be kept"))
        return text

    def control(self, typed: Typed, lists: Lists, tied: Mapping[str, str]) -> Html:
        said = {"id": self.place, "name": self.name, "rows": "5", "maxlength": str(LONGEST_TEXT)}
        # A browser takes away the first line end within.
        return tag("textarea", "\n" + typed.one(self.name), autocomplete="off", required=self.required, **said, **tied)
