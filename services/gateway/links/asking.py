"""A page behind a client's own link that asks for something, and shows what is wrong with the answer."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import uuid4

from starlette.responses import Response

from services.gateway.links import known
from services.gateway.links.page import own_page
from services.gateway.links.visit import Visit
from services.gateway.pages.asking import Faults, show, summary
from services.gateway.pages.fields import Field, Lists, Typed
from services.gateway.pages.html import form, hidden, tag


class Asking(NamedTuple):
    """What is asked for: its place, title, meaning, fields, and what its button says."""

    place: str
    title: str
    meaning: str
    fields: Sequence[Field] = ()
    button: str = "Send"


def lists(who: Visit) -> Lists:
    """Return what finds the options of the initiative's codelists."""
    return known.lists(who.parts, who.given.initiative)


def asked(who: Visit, asking: Asking, typed: Typed | None = None, faults: Faults | None = None) -> Response:
    """Return the page, with what was typed before and what is wrong with it."""
    typed, faults = typed or Typed(), faults or {}
    fields = show(asking.fields, typed, lists(who), faults)
    once = hidden("once", typed.one("once") or str(uuid4()))
    button = tag("p", tag("button", asking.button, type="submit"))
    sending = form(asking.place, who.proof, once, fields, button, novalidate=True)
    back = tag("p", tag("a", "Back", href="/own"))
    body = (tag("p", asking.meaning), sending, back)
    return own_page(asking.title, *body, status=422 if faults else 200, faults=summary(asking.fields, faults))
