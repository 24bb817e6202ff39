"""What pages behind a link have in common: nothing of them is kept or told on, and they name nobody in their titles."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.responses import RedirectResponse, Response

from projections.batch import Away
from services.admission.directory import LogAway
from services.gateway.pages.html import HEADERS as PAGE
from services.gateway.pages.html import NOTHING, Html, tag
from services.gateway.problems import ProblemError

HEADERS = {**PAGE, "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}
Handler = Callable[[Request], Coroutine[Any, Any, Response]]
#: What people are told by a problem's code, else by its status.
_SAID = {
    "not-in-force": ("This is closed", "The permission that it was shared under has ended."),
    "not-yet-claimed": ("Not open yet", "What was written for you opens when you have accepted."),
    "cross-site": ("Please load the page again", "Go back, load the page again, and try once more."),
    "rate-limited": ("Too many attempts", "Please wait a little, then try again."),
    "too-stale-to-disclose": ("Not quite ready", "Something is still on its way. Please try again in a minute."),
    403: ("This is closed", "There is nothing to see here at present."),
    429: ("Too many attempts", "Please wait a little, then try again."),
    503: ("Not available at the moment", "Please try again in a minute."),
}
_ELSE = ("This did not work", "Go back and try again.")
#: What the sheet of all pages does not have.
STYLE = """\
.bar { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .5rem 1rem; align-items: baseline }
.said { padding: .75rem 1rem; background: #f1f4f8; background: var(--soft); border-radius: .25rem }
.text { background: #f1f4f8; background: var(--soft); border-radius: .25rem }
input.code { max-width: 12rem; letter-spacing: .15em; font-size: 1.375rem }
.steps li { border: 0; padding: .25rem 0 }
.steps a:not(.button) { display: inline-block; padding: .5rem 0 }
.steps .button { margin: .25rem 0 }
"""


class Closed(Exception):
    """Nothing is open in this browser."""


class LinkRoute(APIRoute):
    """Answers problems with pages that say as little as the others."""

    def get_route_handler(self) -> Handler:
        handler = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await handler(request)
            except Closed:
                return closed()
            except ProblemError as error:
                return failed(error)
            except RequestValidationError:
                return failed(ProblemError(404, "no-such-route"))
            except (Away, LogAway):
                return failed(ProblemError(503, "store-unavailable", headers={"Retry-After": "1"}))

        return answered


def page(title: str, *body: str, status: int = 200, faults: Html = NOTHING, bar: str = "") -> Response:
    """Return a whole page; what is wrong is told first."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="robots", content="noindex, nofollow"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", f"To be mended: {title}" if faults else title),
        tag("link", rel="stylesheet", href="/style.css"),
        tag("link", rel="stylesheet", href="/link.css"),
    )
    top = (tag("header", bar, class_="bar"),) if bar else ()
    inside = tag("body", *top, tag("main", tag("h1", title), faults, *body, id="main"))
    text = f"<!doctype html>\n{tag('html', head, inside, lang='en')}\n"
    return Response(text, status, HEADERS, "text/html; charset=utf-8")


def own_page(title: str, *body: str, status: int = 200, faults: Html = NOTHING) -> Response:
    """Return a page of a client's own, which one press leads away from."""
    quick = tag("a", "Leave quickly", href="/own/away", rel="noreferrer", class_="button")
    return page(title, *body, status=status, faults=faults, bar=quick)


def closed() -> Response:
    """Return the page of one for whom nothing is open."""
    again = "Open the link again that you were sent. If it no longer works, ask whoever sent it for a new one."
    return page(
        "Nothing is open here", tag("p", "You were away for a while, or this has ended."), tag("p", again), status=410
    )


def failed(error: ProblemError) -> Response:
    """Return the page of a problem."""
    title, text = _SAID.get(error.code) or _SAID.get(error.status, _ELSE)
    told = page(title, tag("p", text), status=error.status)
    told.headers.update({name: value for name, value in (error.headers or {}).items() if name == "Retry-After"})
    return told


def redirected(place: str) -> Response:
    """Return an answer that sends the browser on, by GET."""
    return RedirectResponse(place, 303, HEADERS)
