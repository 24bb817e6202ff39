"""The steps of signing in, for pages and programs alike."""

from fastapi import Request
from starlette.responses import Response

from services.gateway.limits import ADDRESS, Limits
from services.gateway.pages.html import Html, tag
from services.gateway.parts import parts_of
from services.gateway.people.address import LONGEST, spelled
from services.gateway.people.cookies import BROWSER, SESSION
from services.gateway.people.mail import Mail
from services.runtime.random import fresh

SUBJECT = "Your link to sign in"
_TEXT = """\
Somebody asked for a link to sign in to Manyhands with this address.

{link}

Open it within 15 minutes, in the browser in which you asked for it. It works once.

If you did not ask for it, you need not do anything: nobody gets in without this mail.
"""


def limited(request: Request) -> None:
    """Count an attempt to sign in.  Raises ProblemError when there were too many from this address."""
    parts = parts_of(request)
    parts.limits.check(parts.limits.signins, request.scope["state"][ADDRESS])


def browser(request: Request) -> str:
    """Return what this browser is known by on its way in, made now if it has nothing yet."""
    parts = parts_of(request)
    return parts.people.cookies.read(request, BROWSER) or fresh()


async def ask(request: Request, typed: str, known: str) -> None:
    """Have a link sent to whoever has the address; nothing tells whether somebody has."""
    parts = parts_of(request)
    origin = parts.people.cookies.origin(request)
    email = spelled(typed[: 2 * LONGEST])
    asked = await parts.people.links.ask(email, known)
    if email is not None and asked.known and _few(parts.limits, email):
        parts.people.post.put(mail(email, f"{origin}/signin/link/{asked.secret}"))


def _few(limits: Limits, email: str) -> bool:
    """Say whether the address was not sent too many mails already; whoever asks is not told."""
    return limits.mails.take(email).granted


def mail(to: str, link: str) -> Mail:
    """Return the mail with a link; it says nothing about whom it is for."""
    said = [tag("p", part) for part in _TEXT.strip().split("\n\n") if part != "{link}"]
    way = tag("p", tag("a", link, href=link))
    html = tag("html", tag("body", said[0], way, Html("".join(said[1:]))), lang="en")
    return Mail(to, SUBJECT, _TEXT.format(link=link), f"<!doctype html>\n{html}\n")


async def enter(request: Request, person: str, response: Response) -> Response:
    """Open a session for the person, in the place of any that the browser had."""
    people = parts_of(request).people
    text = await people.sessions.open(person, people.cookies.read(request, SESSION))
    people.cookies.write(response, SESSION, text)
    people.cookies.write(response, BROWSER, None)
    return response
