"""The field in which a recipient says what was given: a few rows of a kind, how much of it, and in what.  Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from events.fields import AMOUNT_PATTERN
from services.gateway.pages.fields import Field, Lists, Options, Typed, Unfit
from services.gateway.pages.html import Html, tag

#: Rows that are shown.
ROWS = 3
_PARTS = ("kind", "amount", "unit")
_KINDS, _UNITS = "output-kind", "unit"


@dataclass(frozen=True, kw_only=True)
class Given(Field):
    """Rows of what was given."""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._name(row, part) for row in range(ROWS) for part in _PARTS)

    @property
    def place(self) -> str:
        return f"f-{self._name(0, 'kind')}"

    def read(self, typed: Typed, lists: Lists) -> Any:
        found = [given for row in range(ROWS) if (given := self._read(row, typed, lists)) is not None]
        if self.required and not found:
            raise Unfit(self.missing)
        return found or None

    def _read(self, row: int, typed: Typed, lists: Lists) -> dict[str, str] | None:
        kind, amount, unit = (typed.one(self._name(row, part)) for part in _PARTS)
        if not (kind or amount or unit):
            return None
        if kind not in dict(lists(_KINDS)):
            raise Unfit(self.told(f"say of what kind it was in row {row + 1}"))
        if amount and not re.fullmatch(AMOUNT_PATTERN[1:-1], amount):
            raise Unfit(self.told(f"the amount in row {row + 1} is a number, such as 2 or 1.5"))
        if unit and unit not in dict(lists(_UNITS)):
            raise Unfit(self.told(f"choose the unit in row {row + 1}"))
        return {name: value for name, value in (("kind", kind), ("amount", amount), ("unit", unit)) if value}

    def show(self, typed: Typed, lists: Lists, fault: str | None) -> Html:
        tied = self.tied(fault)
        tied.pop("aria_invalid", None)
        rows = [self._row(row, typed, lists) for row in range(ROWS)]
        return tag("fieldset", tag("legend", self.label, self.mark), self.about(fault), *rows, **tied)

    def _row(self, row: int, typed: Typed, lists: Lists) -> Html:
        kind, amount, unit = (self._name(row, part) for part in _PARTS)
        shown = (
            _labelled(kind, f"Kind, row {row + 1}", _select(kind, typed, lists(_KINDS))),
            _labelled(amount, f"Amount, row {row + 1}", _line(amount, typed)),
            _labelled(unit, f"Unit, row {row + 1}", _select(unit, typed, lists(_UNITS))),
        )
        return tag("div", *shown, class_="row")

    def _name(self, row: int, part: str) -> str:
        return f"{self.name}-{row}-{part}"


def _labelled(name: str, label: str, control: Html) -> Html:
    return tag("div", tag("label", label, for_=f"f-{name}"), control)


def _select(name: str, typed: Typed, options: Options) -> Html:
    chosen = typed.one(name)
    shown = [tag("option", label, value=code, selected=code == chosen) for code, label in [("", "None"), *options]]
    return tag("select", *shown, id=f"f-{name}", name=name)


def _line(name: str, typed: Typed) -> Html:
    said: Mapping[str, str] = {"id": f"f-{name}", "name": name, "value": typed.one(name), "maxlength": "20"}
    return tag("input", type="text", inputmode="decimal", autocomplete="off", **said)
