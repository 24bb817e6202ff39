"""Whoever entered a code: the link that they came by, for as long as their session lasts."""

from typing import NamedTuple

from fastapi import Request

from services.gateway.links.given import Given, Links, What
from services.gateway.links.page import Closed
from services.gateway.pages.fields import Typed
from services.gateway.parts import Parts, parts_of
from services.gateway.people.cookies import pairs

#: Bytes of a form at most.
LARGEST = 64 << 10
#: The cookie of each kind's session.
COOKIE: dict[What, str] = {"offer": "link", "client": "own"}


class Visit(NamedTuple):
    """A request that came with a session of a link."""

    parts: Parts
    given: Given
    #: The cookie's text.
    text: str

    @property
    def proof(self) -> str:
        """Return what forms on its pages carry."""
        return self.parts.people.cookies.proof(self.text)


def links_of(parts: Parts) -> Links:
    """Return the links of this gateway."""
    return Links(parts.keep, parts.secrets.door)


async def visit(request: Request, kind: What) -> Visit:
    """Return who has a session here.  Raises Closed."""
    parts = parts_of(request)
    text = parts.people.cookies.read(request, COOKIE[kind])
    given = await links_of(parts).session(kind, text) if text else None
    if text is None or given is None:
        raise Closed
    # For the line that is logged about the request.
    request.scope["state"]["credential"] = given.principal.credential
    return Visit(parts, given, text)


async def typed_of(request: Request) -> Typed:
    """Return what was typed into a form."""
    # A note may be long, and every letter of some languages takes six characters here.
    return Typed(await pairs(request, LARGEST))


async def proved(request: Request, kind: What) -> Visit:
    """Do as `visit`, for a form.  Raises ProblemError for one that is not from a page made for this session."""
    found = await visit(request, kind)
    await typed_of(request)
    await found.parts.people.cookies.check(request, found.text, unreferred=True)
    return found
