"""Routes that answer people: what fails is a page too, in plain words."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.responses import Response

from projections.batch import Away
from services.admission.directory import LogAway
from services.gateway.pages.html import page, tag
from services.gateway.problems import ProblemError

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
#: What people are told by the status of a problem.
_SAID = {
    403: ("This did not come from our page", "Go back, load the page again, and try once more."),
    429: ("Too many attempts", "Please wait a little, then try again."),
    503: ("Not available at the moment", "Please try again in a minute."),
}
_ELSE = ("This did not work", "Go back and try again.")


class PageRoute(APIRoute):
    """Answers problems with pages, under the status that they have."""

    def get_route_handler(self) -> Handler:
        handler = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await handler(request)
            except ProblemError as error:
                return _failed(error.status, dict(error.headers or {}))
            except RequestValidationError:
                return _failed(422, {})
            except (Away, LogAway):
                return _failed(503, {"Retry-After": "1"})

        return answered


def _failed(status: int, headers: dict[str, str]) -> Response:
    title, text = _SAID.get(status, _ELSE)
    told = page(title, tag("p", text), tag("p", tag("a", "To the start", href="/me")), status=status)
    told.headers.update({name: value for name, value in headers.items() if name != "WWW-Authenticate"})
    return told
