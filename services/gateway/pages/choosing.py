"""Fields in which something is chosen: one of a list, several of it, or yes.  Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.gateway.pages.fields import Field, Labelled, Lists, Options, Single, Typed, Unfit
from services.gateway.pages.html import Html, tag


@dataclass(frozen=True, kw_only=True)
class Listed(Single):
    """A field whose values are of a list: a fixed one, or a codelist or another list by its name."""

    options: Options = ()
    of: str = ""
    #: Codes of the list that are nobody's to choose.
    unless: tuple[str, ...] = ()

    def known(self, lists: Lists) -> Options:
        """Return what can be chosen."""
        return self.options or [option for option in lists(self.of) if option[0] not in self.unless]

    def value(self, text: str, lists: Lists) -> str:
        if text not in {code for code, _ in self.known(lists)}:
            raise Unfit(self.missing)
        return text

    @property
    def missing(self) -> str:
        return self.told("choose one")


@dataclass(frozen=True, kw_only=True)
class Select(Listed, Labelled):
    """One of a long list; `nothing` is what stands where none is chosen."""

    nothing: str = ""

    def control(self, typed: Typed, lists: Lists, tied: Mapping[str, str]) -> Html:
        chosen = typed.one(self.name)
        nothing = self.nothing or ("Choose" if self.required or self.depends else "Not said")
        options = [("", nothing), *self.known(lists)]
        shown = [tag("option", label, value=code, selected=code == chosen) for code, label in options]
        return tag("select", *shown, id=self.place, name=self.name, required=self.required, **tied)


@dataclass(frozen=True, kw_only=True)
class Radios(Listed):
    """One of a short list, all of it in sight."""

    type: str = "radio"

    def show(self, typed: Typed, lists: Lists, fault: str | None) -> Html:
        chosen = self.chosen(typed)
        tied = self.tied(fault)
        tied.pop("aria_invalid", None)
        shown = [self._one(place, *option, chosen) for place, option in enumerate(self.known(lists))]
        legend = tag("legend", self.label, self.mark)
        return tag("fieldset", legend, self.about(fault), *shown, **tied)

    def chosen(self, typed: Typed) -> set[str]:
        return {typed.one(self.name)}

    def _one(self, place: int, code: str, label: str, chosen: set[str]) -> Html:
        id_ = self.place if place == 0 else f"{self.place}-{place}"
        box = tag("input", type=self.type, name=self.name, value=code, id=id_, checked=code in chosen)
        return tag("label", box, tag("span", label), for_=id_, class_="choice")


@dataclass(frozen=True, kw_only=True)
class Checks(Radios):
    """Any number of a list."""

    type: str = "checkbox"

    def read(self, typed: Typed, lists: Lists) -> Any:
        codes = typed.all(self.name)
        if self.required and not codes:
            raise Unfit(self.missing)
        return [self.value(code, lists) for code in codes] or None

    @property
    def missing(self) -> str:
        return self.told("choose at least one")

    def chosen(self, typed: Typed) -> set[str]:
        return set(typed.all(self.name))


@dataclass(frozen=True, kw_only=True)
class Yes(Field):
    """A box to be ticked; `needed` says why it must be, and `at` tells boxes of one name on a page apart."""

    needed: str = ""
    at: str = ""

    @property
    def place(self) -> str:
        return f"{super().place}-{self.at}" if self.at else super().place

    def read(self, typed: Typed, lists: Lists) -> bool:
        ticked = typed.one(self.name) == "yes"
        if self.required and not ticked:
            raise Unfit(self.needed or self.missing)
        return ticked

    def show(self, typed: Typed, lists: Lists, fault: str | None) -> Html:
        ticked = typed.one(self.name) == "yes"
        said = {"name": self.name, "value": "yes", "id": self.place}
        box = tag("input", type="checkbox", checked=ticked, **said, **self.tied(fault))
        label = tag("label", box, tag("span", self.label), for_=self.place, class_="choice")
        # Above the box the hint would seem to be about the field before.
        return tag("div", self.wrong(fault), label, self.hinted, class_="f tick")
