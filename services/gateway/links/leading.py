"""What leads to a client's own page: who had each link made and until when it works, and a way to end it.

A link itself is kept nowhere, and where its codes go is told to nobody: whoever looks over a shoulder would learn it.
"""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from events.fields import UUID_PATTERN
from services.gateway.links import known
from services.gateway.links.asking import Asking, asked
from services.gateway.links.given import Listed
from services.gateway.links.page import LinkRoute, redirected
from services.gateway.links.visit import Visit, links_of, proved, visit
from services.gateway.pages.html import Html, tag
from services.gateway.problems import ProblemError

router = APIRouter(route_class=LinkRoute, include_in_schema=False)
Id = Annotated[str, Path(pattern=UUID_PATTERN)]


async def leading(who: Visit) -> list[Listed]:
    """Return the links in force to this page, as far as whoever holds this one may know."""
    given = who.given
    return await links_of(who.parts).to_own(given.initiative, given.record, guardian=given.guardian)


def led(who: Visit, links: Sequence[Listed]) -> Sequence[Html]:
    """Return what the page says of them: at least of the one that it was opened by."""
    text = "Each of them leads to this page. End one that you did not ask for, or that somebody else might use."
    lines = tag("ul", *(_line(who, each) for each in links), role="list")
    return (tag("h2", "Links to this page"), tag("p", text), lines)


def _line(who: Visit, link: Listed) -> Html:
    where, maker = (who.parts, who.given.initiative), _maker(who, link)
    made = known.clock(*where, link.made)
    facts = (
        ("Made", made),
        ("Works until", known.day(*where, link.ends)),
        ("Codes asked for", str(link.codes)),
    )
    told = tag("dl", *(Html(tag("dt", name) + tag("dd", value)) for name, value in facts))
    end = tag("a", "End this link", href=f"/own/f/{link.link}", aria_label=f"End this link: {maker}, {made}")
    here = (tag("p", "You came here by this one."),) if link.link == who.given.link else ()
    return tag("li", tag("p", tag("strong", maker)), *here, told, tag("p", end))


def _maker(who: Visit, link: Listed) -> str:
    by = known.organisation(who.parts, who.given.initiative, link.made_by or "")
    return f"For a guardian, made by {by}" if link.guardian else f"Made by {by}"


@router.get("/own/f/{link}")
async def ask_end(request: Request, link: Id) -> Response:
    """Ask whether a link is to end."""
    who = await visit(request, "client")
    return asked(who, _ending(who, await _one(who, link)))


@router.post("/own/f/{link}")
async def end(request: Request, link: Id) -> Response:
    """End a link and whatever it has opened, at once."""
    who = await proved(request, "client")
    await links_of(who.parts).end_own(who.given, (await _one(who, link)).link)
    return redirected("/own")


async def _one(who: Visit, link: str) -> Listed:
    """Return one of those.  Raises ProblemError."""
    found = next((each for each in await leading(who) if each.link == link), None)
    if found is None:
        raise ProblemError(404, "not-found")
    return found


def _ending(who: Visit, link: Listed) -> Asking:
    made = known.clock(who.parts, who.given.initiative, link.made)
    after = "It opens nothing from then on, whoever has it."
    own = " You came here by it: this page closes as well, and another link is needed to come back."
    meaning = f"{_maker(who, link)}, {made}. {after}{own if link.link == who.given.link else ''}"
    return Asking(f"/own/f/{link.link}", "End this link?", meaning, button="Yes, end it")
