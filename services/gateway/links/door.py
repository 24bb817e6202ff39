"""The pages before a link is open: nothing is shown, nothing is changed by looking, and a code opens a session.

Mail scanners and previews open every link they see.  They GET, and get the same page for every link there might be.
"""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from services.gateway.limits import ADDRESS
from services.gateway.links import code
from services.gateway.links.code import Code
from services.gateway.links.given import Given, Links, What
from services.gateway.links.looking import opens, scene_of
from services.gateway.links.page import STYLE as LINK_STYLE
from services.gateway.links.page import LinkRoute, failed, page, redirected
from services.gateway.links.saying import looked_at
from services.gateway.links.visit import COOKIE, links_of
from services.gateway.pages.asking import summary
from services.gateway.pages.fields import Options, Typed
from services.gateway.pages.html import Html, form, tag
from services.gateway.parts import Parts, parts_of
from services.gateway.people import cookies
from services.gateway.people.cookies import BROWSER
from services.gateway.problems import ProblemError
from services.runtime.random import LENGTH
from services.runtime.random import fresh as browser_secret

router = APIRouter(route_class=LinkRoute, include_in_schema=False)
Secret = Annotated[str, Path(min_length=LENGTH, max_length=LENGTH, pattern=r"^[A-Za-z0-9_-]+$")]
#: Where each kind of link is opened, and where it leads.
PLACES: dict[What, tuple[str, str]] = {"offer": ("/l", "/offer"), "client": ("/c", "/own")}
TITLE = "Something is waiting for you"
WRONG = "This code is not the right one, or it is too old."


@router.get("/link.css")
async def style() -> Response:
    """Say how these pages look, beyond what all pages do."""
    return Response(LINK_STYLE, headers={"Cache-Control": "public, max-age=3600"}, media_type="text/css")


@router.get("/l/{secret}")
async def look_at_offer(request: Request, secret: Secret) -> Response:
    """Show a button, whatever the link is worth."""
    return _shut(request, "offer", secret)


@router.get("/c/{secret}")
async def look_at_own(request: Request, secret: Secret) -> Response:
    """Show a button, whatever the link is worth."""
    return _shut(request, "client", secret)


@router.post("/l/{secret}")
async def ask_for_offer(request: Request, secret: Secret) -> Response:
    """Send a code, if the link is worth one, and ask for it in any case."""
    return await _asked(request, "offer", secret)


@router.post("/c/{secret}")
async def ask_for_own(request: Request, secret: Secret) -> Response:
    """Send a code, if the link is worth one, and ask for it in any case."""
    return await _asked(request, "client", secret)


@router.post("/l/{secret}/code")
async def enter_offer(request: Request, secret: Secret) -> Response:
    """Open a session with the right code."""
    return await _entered(request, "offer", secret)


@router.post("/c/{secret}/code")
async def enter_own(request: Request, secret: Secret) -> Response:
    """Open a session with the right code."""
    return await _entered(request, "client", secret)


def _shut(request: Request, kind: What, secret: str) -> Response:
    people = parts_of(request).people
    browser = people.cookies.read(request, BROWSER) or browser_secret()
    asking = form(f"{PLACES[kind][0]}/{secret}", people.cookies.proof(browser), _button("Send me a code"))
    told = (
        tag("p", "To open it, we send a code to the address that was registered for you."),
        asking,
        tag("p", "The code works for 10 minutes, in this browser."),
    )
    answer = page(TITLE, *told)
    people.cookies.write(answer, BROWSER, browser)
    return answer


async def _asked(request: Request, kind: What, secret: str) -> Response:
    parts, browser = parts_of(request), await _own_browser(request)
    _limited(parts, request)
    links = links_of(parts)
    given = await links.find(kind, secret)
    if given is not None and parts.limits.mails.take(f"link:{given.link}").granted and await opens(parts, given):
        await _send(parts, links, given, browser)
    return _form(parts, kind, secret, browser)


async def _send(parts: Parts, links: Links, given: Given, browser: str) -> None:
    fresh = code.fresh()
    to = await links.ask(given, fresh, browser)
    if to is not None:
        parts.people.post.put(code.mail(to, fresh))


async def _entered(request: Request, kind: What, secret: str) -> Response:
    parts, browser = parts_of(request), await _own_browser(request)
    _limited(parts, request)
    typed = code.typed((await cookies.form(request)).get("code", ""))
    links = links_of(parts)
    given = await links.enter(kind, secret, typed, browser)
    if given is None:
        return _form(parts, kind, secret, browser, WRONG)
    if not await opens(parts, given):
        return failed(ProblemError(403, "forbidden"))
    name = COOKIE[kind]
    text = await links.open(given, parts.people.cookies.read(request, name))
    if given.kind == "offer":
        await looked_at(parts, given, await scene_of(parts, given))
    answer = redirected(PLACES[kind][1])
    parts.people.cookies.write(answer, name, text)
    return answer


def _form(parts: Parts, kind: What, secret: str, browser: str, fault: str | None = None) -> Response:
    place, proof = f"{PLACES[kind][0]}/{secret}", parts.people.cookies.proof(browser)
    field = Code(
        name="code", label="Code", hint=f"{code.DIGITS} digits, from the mail that we just sent", required=True
    )
    faults = {field.name: fault} if fault else {}
    asked = field.show(Typed(), _nothing, fault)
    enter = form(f"{place}/code", proof, asked, _button("Open"), novalidate=True)
    told = (
        tag("p", "If the link is still in force, a mail with a code is on its way. It may take a minute."),
        enter,
        tag("p", "A link takes five wrong codes in all, and is worth nothing after that."),
        form(place, proof, _button("Send another code", quiet=True)),
    )
    return page("Enter the code", *told, status=422 if fault else 200, faults=summary([field], faults))


def _nothing(_: str) -> Options:
    return ()


def _button(text: str, *, quiet: bool = False) -> Html:
    return tag("button", text, type="submit", **({"class_": "quiet"} if quiet else {}))


def _limited(parts: Parts, request: Request) -> None:
    parts.limits.check(parts.limits.signins, request.scope["state"][ADDRESS])


async def _own_browser(request: Request) -> str:
    """Return what the browser is known by.  Raises ProblemError when the form is not from our page."""
    people = parts_of(request).people
    browser = people.cookies.read(request, BROWSER)
    if browser is None:
        raise ProblemError(403, "cross-site")
    await people.cookies.check(request, browser, unreferred=True)
    return browser
