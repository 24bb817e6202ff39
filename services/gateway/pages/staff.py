"""Pages for the staff of partners: who may see them, and the way between them."""

from fastapi import Request

from services.gateway.access import Action, granted
from services.gateway.auth import noted
from services.gateway.pages.asking import LARGEST, MOST
from services.gateway.pages.fields import Typed
from services.gateway.pages.html import Html, tag
from services.gateway.pages.route import SignedOut
from services.gateway.parts import parts_of
from services.gateway.people.cookies import SAFE, pairs
from services.gateway.people.way import Somebody, somebody
from services.gateway.principal import Kind, Principal
from services.gateway.problems import ProblemError

WORK, FIND, REFER, ME = "/work", "/find", "/refer", "/me"
#: For coordinators and registrars: requests that two records be one person's.
ONE_PERSON = "/one-person"
_WAYS = ((WORK, "My worklist"), (FIND, "Find a referral"), (REFER, "Send a referral"), (ME, "You"))


async def staff(request: Request, action: Action) -> Principal:
    """Return the person of a partner's staff who is signed in and may do this.

    Raises SignedOut for nobody, and ProblemError for others, and for a form that is not from a page of ours.
    """
    who = await acting(request, action)
    if who.kind is not Kind.STAFF:
        raise ProblemError(403, "forbidden")
    return who


async def acting(request: Request, action: Action) -> Principal:
    """Return who is signed in and may do this in what they act as; raises as `staff`."""
    found = await signed_in(request)
    who = found.principal
    noted(request, who)
    if request.method not in SAFE:
        await pairs(request, LARGEST, MOST)
        await parts_of(request).people.cookies.check(request, found.text)
    if granted(action, who) is None:
        raise ProblemError(403, "forbidden")
    return who


async def signed_in(request: Request) -> Somebody:
    """Return who is signed in, asked once a request.  Raises SignedOut."""
    found: Somebody | None = getattr(request.state, "somebody", None) or await somebody(request)
    if found is None:
        raise SignedOut
    request.state.somebody = found
    return found


def proof(request: Request) -> str:
    """Return what the page's forms prove their origin by."""
    found: Somebody = request.state.somebody
    return parts_of(request).people.cookies.proof(found.text)


async def typed(request: Request) -> Typed:
    """Return what was typed into the form."""
    return Typed(await pairs(request, LARGEST, MOST))


def ways(here: str) -> Html:
    """Return the way to the other pages; `here` is the one that it stands on."""
    links = []
    for place, name in _WAYS:
        current = {"aria_current": "page"} if place == here else {}
        links.append(tag("li", tag("a", name, href=place, **current)))
    return tag("nav", tag("ul", *links, role="list"), aria_label="Pages")
