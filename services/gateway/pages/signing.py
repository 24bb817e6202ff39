"""The pages on which people sign in: by a link in a mail, or by their identity provider."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import RedirectResponse, Response

from services.gateway.pages.html import HEADERS, form, page, tag
from services.gateway.pages.route import PageRoute
from services.gateway.pages.style import STYLE
from services.gateway.parts import parts_of
from services.gateway.people import cookies, entrance
from services.gateway.people.address import LONGEST, spelled
from services.gateway.people.cookies import BROWSER
from services.gateway.people.oidc import ProviderAway
from services.gateway.people.persons import Persons
from services.gateway.people.way import somebody
from services.gateway.problems import ProblemError
from services.runtime.random import LENGTH

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Secret = Annotated[str, Path(min_length=LENGTH, max_length=LENGTH, pattern=r"^[A-Za-z0-9_-]+$")]
BACK = "/signin/oidc/back"


@router.get("/style.css")
async def style() -> Response:
    """Say how pages look."""
    return Response(STYLE, headers={"Cache-Control": "public, max-age=3600"}, media_type="text/css")


@router.get("/signin")
async def signin(request: Request) -> Response:
    """Ask for the address; whoever is signed in has no need of it."""
    if await somebody(request) is not None:
        return redirected("/me")
    people = parts_of(request).people
    browser = entrance.browser(request)
    body = [_by_mail(people.cookies.proof(browser))] if people.post.open else []
    if people.provider is not None:
        body.append(tag("p", tag("a", "Sign in with your organisation", href="/signin/oidc", class_="button")))
    answer = page("Sign in", *(body or [tag("p", "Signing in is not set up here.")]))
    people.cookies.write(answer, BROWSER, browser)
    return answer


def _by_mail(proof: str) -> str:
    return form(
        "/signin",
        proof,
        tag("label", "Your e-mail address", for_="email"),
        tag(
            "input", id="email", name="email", type="email", autocomplete="email", required=True, maxlength=str(LONGEST)
        ),
        tag("p", "We send you a link. There is no password."),
        tag("button", "Send me a link", type="submit"),
    )


@router.post("/signin")
async def ask(request: Request) -> Response:
    """Send a link, and answer the same whether anybody has the address."""
    entrance.limited(request)
    browser = await _own_browser(request)
    await entrance.ask(request, (await cookies.form(request)).get("email", ""), browser)
    answer = redirected("/signin/sent")
    parts_of(request).people.cookies.write(answer, BROWSER, browser)
    return answer


@router.get("/signin/sent")
async def sent() -> Response:
    """Say what happens now."""
    return page(
        "Look into your mail",
        tag("p", "If somebody here has this address, a mail with a link is on its way to it."),
        tag("p", "Open the link within 15 minutes, in this browser. It works once."),
        tag("p", tag("a", "Nothing came? Ask again", href="/signin")),
    )


@router.get("/signin/link/{secret}")
async def look(request: Request, secret: Secret) -> Response:
    """Show a button and change nothing: programs that read mails for viruses open links too."""
    people = parts_of(request).people
    browser = people.cookies.read(request, BROWSER)
    if browser is None:
        return _other_browser()
    action = f"/signin/link/{secret}"
    return page("Sign in", form(action, people.cookies.proof(browser), tag("button", "Sign in now", type="submit")))


@router.post("/signin/link/{secret}")
async def use(request: Request, secret: Secret) -> Response:
    """Open a session, once."""
    entrance.limited(request)
    browser = await _own_browser(request)
    person = await parts_of(request).people.links.use(secret, browser)
    if person is None:
        again = tag("p", tag("a", "Ask for a new one", href="/signin"))
        return page("This link no longer works", tag("p", "It was used, or it is too old."), again, status=410)
    return await entrance.enter(request, person, redirected("/me"))


@router.get("/signin/oidc")
async def away(request: Request) -> Response:
    """Send the browser to the identity provider."""
    entrance.limited(request)
    people = parts_of(request).people
    if people.provider is None:
        raise ProblemError(404, "no-such-route")
    browser = entrance.browser(request)
    try:
        place = await people.provider.begin(browser, people.cookies.origin(request) + BACK)
    except ProviderAway:
        raise ProblemError(503, "provider-unavailable") from None
    answer = redirected(place)
    people.cookies.write(answer, BROWSER, browser)
    return answer


@router.get(BACK)
async def back(request: Request) -> Response:
    """Open a session for whom the provider vouches, if anybody here has the address."""
    entrance.limited(request)
    parts = parts_of(request)
    browser = parts.people.cookies.read(request, BROWSER)
    if parts.people.provider is None or browser is None:
        return _other_browser()
    place = parts.people.cookies.origin(request) + BACK
    try:
        typed = await parts.people.provider.finish(browser, place, dict(request.query_params))
    except ProviderAway:
        raise ProblemError(503, "provider-unavailable") from None
    email = spelled(typed) if typed else None
    person = await Persons(parts.keep).by_email(email) if email else None
    if person is None:
        text = "Your organisation's sign-in did not name anybody who is known here. Ask whoever set it up."
        return page("You are not signed in", tag("p", text), status=403)
    return await entrance.enter(request, person.person, redirected("/me"))


def redirected(place: str) -> Response:
    """Return an answer that sends the browser on, by GET."""
    return RedirectResponse(place, 303, HEADERS)


async def _own_browser(request: Request) -> str:
    """Return what the browser is known by.  Raises ProblemError when the form is not from our page."""
    people = parts_of(request).people
    browser = people.cookies.read(request, BROWSER)
    if browser is None:
        raise ProblemError(403, "cross-site")
    await people.cookies.check(request, browser)
    return browser


def _other_browser() -> Response:
    text = "Open the link in the browser in which you asked for it, or ask for a new one here."
    again = tag("p", tag("a", "Ask for a link", href="/signin"))
    return page("This is another browser", tag("p", text), again, status=403)
