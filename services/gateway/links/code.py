"""Codes: a few digits that show that somebody reads the mails of the address that was registered before."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from services.gateway.pages.fields import Labelled, Lists, Typed
from services.gateway.pages.html import Html, tag
from services.runtime.mail import Mail

DIGITS = 8
SUBJECT = "Your code"
_TEXT = """\
Your code is {code}

Enter it within 10 minutes, on the page on which you asked for it. Tell it to nobody.

If you did not ask for it, you need not do anything.
"""


def fresh() -> str:
    """Return a code that nobody can guess in the few tries that there are."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def typed(text: str) -> str:
    """Return a code as somebody typed it, with the spaces and dashes that people put into numbers left out."""
    return "".join(each for each in text[:40] if each not in " -\t\u00a0")


def spaced(code: str) -> str:
    """Return the code as it is read best."""
    return f"{code[:4]} {code[4:]}"


def mail(to: str, code: str) -> Mail:
    """Return the mail with a code; it says nothing of what the code opens."""
    text = _TEXT.format(code=spaced(code))
    body = tag("body", *(tag("p", part) for part in text.strip().split("\n\n")))
    return Mail(to, SUBJECT, text, f"<!doctype html>\n{tag('html', body, lang='en')}\n")


@dataclass(frozen=True, kw_only=True)
class Code(Labelled):
    """The field that a code is typed into; a wrong one is not shown again."""

    def value(self, text: str, lists: Lists) -> str:
        return typed(text)

    def control(self, typed: Typed, lists: Lists, tied: Mapping[str, str]) -> Html:
        said = {"id": self.place, "name": self.name, "inputmode": "numeric", "autocomplete": "one-time-code"}
        return tag("input", type="text", maxlength="20", class_="code", required=self.required, **said, **tied)
