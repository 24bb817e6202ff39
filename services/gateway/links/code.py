"""Codes: a few digits that show that somebody reads the mails of the address that was registered before."""

import secrets

from services.gateway.pages.html import tag
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
