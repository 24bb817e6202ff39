"""The link of a weekly mail: looking changes nothing, one button confirms, and a small form corrects.

No code is asked for: the link speaks of a few services' room alone, which every partner sees anyway, and a code would
be the second tap that nobody makes.  A mail scanner GETs; what changes something is a POST from a page of ours.
"""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from events.fields import UUID_PATTERN
from services.gateway.limits import ADDRESS
from services.gateway.links.known import lists as lists_of
from services.gateway.links.page import Handler, LinkRoute, redirected
from services.gateway.links.visit import typed_of as typing
from services.gateway.pages.asking import read
from services.gateway.parts import parts_of
from services.gateway.people.cookies import BROWSER
from services.gateway.problems import ProblemError
from services.gateway.weekly import drawing
from services.gateway.weekly.drawing import CHANGED, Way, correcting, listing
from services.gateway.weekly.fields import FIELDS, contradicted, typed_of
from services.gateway.weekly.saying import Changed, confirm, correct
from services.gateway.weekly.scene import Closed, Scene, Shut, scene_of
from services.notifications.weekly.listing import Listed
from services.notifications.weekly.sending import PLACE
from services.runtime.random import LENGTH, fresh


class WeeklyRoute(LinkRoute):
    """Answers with a page that says what to do where a link leads nowhere."""

    def get_route_handler(self) -> Handler:
        handler = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await handler(request)
            except Closed as closed:
                return drawing.shut(closed.why)

        return answered


router = APIRouter(route_class=WeeklyRoute, include_in_schema=False)
#: Whatever a mail program made of it: what is no link gets the page that says so.
Secret = Annotated[str, Path(max_length=500)]
Id = Annotated[str, Path(pattern=UUID_PATTERN)]


@router.get("/w/{secret}")
async def look(request: Request, secret: Secret) -> Response:
    """Show what was said of each service."""
    scene, browser = await _scene(request, secret), _browser(request)
    return _written(request, browser, listing(scene, _way(request, secret, browser)))


@router.post("/w/{secret}")
async def hold(request: Request, secret: Secret) -> Response:
    """Say again all that the page showed."""
    browser = await _proved(request)
    scene, typed = await _scene(request, secret), await typing(request)
    try:
        refused = await confirm(scene, typed.one("shown"))
    except Changed:
        refused = CHANGED
    if refused is None:
        return redirected(_place(secret))
    again = await scene_of(scene.parts, secret)
    return listing(again, _way(request, secret, browser), status=409, fault=refused)


@router.get("/w/{secret}/{service}")
async def ask(request: Request, secret: Secret, service: Id) -> Response:
    """Show the form for one service, filled with what was said last."""
    scene, browser = await _scene(request, secret), _browser(request)
    one, lists = _one(scene, service), lists_of(scene.parts, scene.asked.initiative)
    shown = correcting(one, _way(request, secret, browser), typed_of(one.capacity), lists, {})
    return _written(request, browser, shown)


@router.post("/w/{secret}/{service}")
async def mend(request: Request, secret: Secret, service: Id) -> Response:
    """Say how much room one service has."""
    browser = await _proved(request)
    scene, typed = await _scene(request, secret), await typing(request)
    one, lists = _one(scene, service), lists_of(scene.parts, scene.asked.initiative)
    values, faults = read(FIELDS, typed, lists)
    faults = faults or contradicted(values)
    if not faults:
        refused = await correct(scene, typed.one("once"), {"service_id": one.id, **values})
        if refused is None:
            return redirected(_place(secret))
        faults = {"status": refused}
    return correcting(one, _way(request, secret, browser), typed, lists, faults)


async def _scene(request: Request, secret: str) -> Scene:
    """Return what the link shows.  Raises Closed."""
    if len(secret) != LENGTH:
        raise Closed(Shut.UNKNOWN)
    scene = await scene_of(parts_of(request), secret)
    # For the line that is logged about the request.
    request.scope["state"]["credential"] = scene.asked.principal.credential
    return scene


def _one(scene: Scene, service: str) -> Listed:
    found = scene.service(service)
    if found is None:
        raise ProblemError(404, "not-found")
    return found


def _browser(request: Request) -> str:
    """Return what the browser is known by, from now on."""
    return parts_of(request).people.cookies.read(request, BROWSER) or fresh()


def _way(request: Request, secret: str, browser: str) -> Way:
    return Way(_place(secret), parts_of(request).people.cookies.proof(browser))


def _place(secret: str) -> str:
    return f"{PLACE}{secret}"


def _written(request: Request, browser: str, answer: Response) -> Response:
    parts_of(request).people.cookies.write(answer, BROWSER, browser)
    return answer


async def _proved(request: Request) -> str:
    """Return what the browser is known by.  Raises ProblemError when the form is not from our page, or too often."""
    parts = parts_of(request)
    browser = parts.people.cookies.read(request, BROWSER)
    if browser is None:
        raise ProblemError(403, "cross-site")
    await parts.people.cookies.check(request, browser, unreferred=True)
    parts.limits.check(parts.limits.signins, request.scope["state"][ADDRESS])
    return browser
