"""Routes that answer people: what fails is a page too, in plain words."""

import re
from collections.abc import Callable, Coroutine, Mapping
from types import MappingProxyType
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.responses import RedirectResponse, Response

from events.fields import UUID_PATTERN
from projections.batch import Away
from services.admission.directory import LogAway
from services.gateway.pages.html import Html, page, tag
from services.gateway.problems import ProblemError

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
#: A title, and what people are told.
Words = tuple[str, str]
#: What people are told by the status of a problem.
_SAID: Mapping[int, Words] = MappingProxyType(
    {
        403: ("This did not come from our page", "Go back, load the page again, and try once more."),
        404: ("Not found", "There is no such thing here that your organisation takes part in."),
        410: ("Erased", "The person is erased: what was written about them is gone for good."),
        429: ("Too many attempts", "Please wait a little, then try again."),
        503: ("Not available at the moment", "Please try again in a minute."),
    }
)
#: What they are told by its code, where that says more.
_BY_CODE: Mapping[str, Words] = MappingProxyType(
    {
        "forbidden": (
            "This is not yours to do",
            "Whether you act as staff of your organisation or in a role of the initiative is yours to choose on your "
            "own page.",
        ),
        "aggregate-only": (
            "Your organisation reports counts only",
            "It says nothing about single people here, so there are no referrals to work on.",
        ),
        "agreement-missing": (
            "There is no agreement yet",
            "Your organisation works with referrals once its data-sharing agreement is signed.",
        ),
        "not-authorised": ("Not at present", "Your organisation takes no part at present."),
        "not-yet-claimed": ("Not open yet", "What was written for you opens once you have accepted."),
        "not-in-force": ("Closed", "The person's consent does not cover this any more, so it stays closed."),
        "seal-invalid": ("It cannot be opened", "What was written is damaged. Tell whoever runs the system."),
        "too-stale-to-disclose": ("Not yet", "Something about the person is still on its way. Try again in a minute."),
        "second-person-required": (
            "It takes two persons",
            "You asked for it or approved it yourself, so somebody else has to. What a system of the backbone asked "
            "for nobody approves.",
        ),
        "precondition-failed": ("Not possible any more", "It does not wait any more. Somebody may have been faster."),
        "no-mail": ("No link can be made", "Mails go nowhere here, so a link could send no code."),
        "no-address": ("No link can be made", "They registered no address that a code could be sent to."),
        "link-over": ("No link can be made", "Nobody is asked to do anything about this any more."),
        "link-protected": ("No link can be made", "A protected programme is reached by signing in alone."),
        "bad-cursor": ("This page of the list is gone", "Begin with the list's first page."),
    }
)
_ELSE: Words = ("This did not work", "Go back and try again.")


class SignedOut(Exception):
    """Nobody is signed in: they are sent to where one signs in."""


class PageRoute(APIRoute):
    """Answers problems with pages, under the status that they have."""

    def get_route_handler(self) -> Handler:
        handler = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await handler(request)
            except SignedOut:
                return RedirectResponse("/signin", 303)
            except ProblemError as error:
                return _failed(request, error.status, dict(error.headers or {}), error.code)
            except RequestValidationError:
                return _failed(request, 422, {})
            except (Away, LogAway):
                return _failed(request, 503, {"Retry-After": "1"})

        return answered


def _failed(request: Request, status: int, headers: dict[str, str], code: str = "") -> Response:
    title, text = _BY_CODE.get(code) or _SAID.get(status, _ELSE)
    told = page(title, tag("p", text), _back(request, status), status=status)
    told.headers.update({name: value for name, value in headers.items() if name != "WWW-Authenticate"})
    return told


def _back(request: Request, status: int) -> Html:
    """Lead back to the referral that it was about, unless there is none for whoever asked."""
    referral = str(request.path_params.get("referral", ""))
    if status in (404, 422) or not re.match(UUID_PATTERN, referral):
        return tag("p", tag("a", "To the start", href="/me"))
    return tag("p", tag("a", "Back to the referral", href=f"/referrals/{referral}"))
