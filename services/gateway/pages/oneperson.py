"""The pages on which coordinators and registrars decide whether two records are one person's.

They are told neither of the two: the partner that asked says why, outside the system, by the request's id.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from services.gateway.access import Action
from services.gateway.oneperson.decisions import REASONS, approved, found, may_approve, refused
from services.gateway.oneperson.requests import LinkRequest, LinkRequests
from services.gateway.pages.asking import Faults, read, show, summary
from services.gateway.pages.choosing import Select
from services.gateway.pages.fields import Typed
from services.gateway.pages.html import NOTHING, Html, form, page, tag, together
from services.gateway.pages.known import known
from services.gateway.pages.requested import Desk, is_open
from services.gateway.pages.route import PageRoute
from services.gateway.pages.saying import WAIT_S
from services.gateway.pages.signing import redirected
from services.gateway.pages.staff import ME, ONE_PERSON, acting, proof, typed
from services.gateway.pages.telling import terms
from services.gateway.parts import parts_of
from services.gateway.problems import ProblemError

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Link = Annotated[UUID, Path()]
TITLE = "One person or two?"
_LEAD = (
    "An organisation knows somebody by two records, and asks that they be taken for one person's, or for two persons' "
    "again. You are told neither. Ask the organisation why, by the request's id. Two of you have to approve, and "
    "neither is who asked; one is enough to refuse."
)
_NOT_YOURS = "You asked for it or approved it already, or a system of the backbone asked: it is not yours to approve."
_REASON = Select(name="reason", label="Why", options=tuple(REASONS.items()), required=True)


@router.get(ONE_PERSON)
async def list_(request: Request) -> Response:
    """Show what waits for two persons, and what became of the rest."""
    desk = await _desk(request)
    asked = await LinkRequests(desk.parts.keep).all(desk.who.initiative)
    body = (
        tag("p", _LEAD),
        tag("h2", "To be decided"),
        desk.table("To be decided", filter(is_open, asked)),
        tag("h2", "Decided"),
        desk.table("Decided", (each for each in asked if not is_open(each))),
        tag("p", tag("a", "To your own page", href=ME)),
    )
    return page(TITLE, *body, wide=True)


@router.get(f"{ONE_PERSON}/{{link}}")
async def look(request: Request, link: Link) -> Response:
    """Show one request, with what can be decided."""
    desk = await _desk(request)
    return _shown(request, desk, await found(desk.parts, desk.who, link), {})


@router.post(f"{ONE_PERSON}/{{link}}/approve")
async def approve(request: Request, link: Link) -> Response:
    """Approve it as one of two; whoever did so before is shown how it stands."""
    desk = await _desk(request)
    asked = await found(desk.parts, desk.who, link)
    if asked.state != "waiting" or asked.first_by != desk.person:
        await approved(desk.parts, desk.who, desk.person, link, WAIT_S)
    return redirected(f"{ONE_PERSON}/{link}")


@router.post(f"{ONE_PERSON}/{{link}}/refuse")
async def refuse(request: Request, link: Link) -> Response:
    """Refuse it, with a reason that whoever asked reads."""
    desk, now = await _desk(request), await typed(request)
    said = read((_REASON,), now, desk.known.lists)
    if said.faults:
        return _shown(request, desk, await found(desk.parts, desk.who, link), said.faults)
    await refused(desk.parts, desk.who, desk.person, link, said.values["reason"])
    return redirected(f"{ONE_PERSON}/{link}")


async def _desk(request: Request) -> Desk:
    """Return who decides.  Raises ProblemError for whoever acts as neither coordinator nor registrar."""
    who = await acting(request, Action.CLIENT_LINK_DECIDE)
    if who.actor is None:
        raise ProblemError(403, "forbidden")
    parts = parts_of(request)
    return Desk(parts, who, await known(parts, who), who.actor)


def _shown(request: Request, desk: Desk, asked: LinkRequest, faults: Faults) -> Response:
    back = tag("p", tag("a", "Back to all requests", href=ONE_PERSON))
    title = f"To be mended: {TITLE}" if faults else TITLE
    body = (summary((_REASON,), faults), terms(desk.facts(asked)), _deciding(request, desk, asked, faults), back)
    return page(title, *body, status=422 if faults else 200)


def _deciding(request: Request, desk: Desk, asked: LinkRequest, faults: Faults) -> Html:
    """Return what this person can still do about it."""
    place, prove = f"{ONE_PERSON}/{asked.request}", proof(request)
    if asked.state == "approved":
        return form(f"{place}/approve", prove, tag("button", "Ask again what became of it", type="submit"))
    if asked.state != "waiting":
        return NOTHING
    yes = form(f"{place}/approve", prove, tag("button", "Approve it", type="submit"))
    may = yes if may_approve(desk.parts, asked, desk.person) else tag("p", _NOT_YOURS)
    why = show((_REASON,), Typed(), desk.known.lists, faults)
    no = form(f"{place}/refuse", prove, why, tag("button", "Refuse it", type="submit", class_="quiet"), novalidate=True)
    return together(tag("h2", "Approve"), may, tag("h2", "Refuse"), no)
