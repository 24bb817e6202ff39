"""What fails is answered as a problem document (RFC 9457) with a stable code, never with the input itself."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from events.codes import CODES

MEDIA = "application/problem+json"
#: Where a problem's type leads: the code's own entry.
TYPE = "/v1/codes/"


class ProblemError(Exception):
    """A request that cannot be answered as asked; `extra` members and headers go out with it."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})
        self.extra = extra


def problem(status: int, code: str, detail: str | None = None, **extra: Any) -> dict[str, Any]:
    """Return the document; `detail` is the house's own words."""
    document = {"type": TYPE + code, "title": CODES[code].text, "status": status, "code": code}
    return document | ({"detail": detail} if detail else {}) | extra


def answer(error: ProblemError) -> Response:
    """Return the response that says so."""
    body = orjson.dumps(problem(error.status, error.code, error.detail, **error.extra))
    return Response(body, error.status, {"Cache-Control": "no-store", **error.headers}, MEDIA)


def install(app: FastAPI) -> None:
    """Answer every failure that a route raises, or that comes before a route, in this one form."""
    app.add_exception_handler(ProblemError, _own)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)


async def _own(_: Request, error: Exception) -> Response:
    if not isinstance(error, ProblemError):
        raise error
    return answer(error)


_BY_STATUS = {
    HTTPStatus.NOT_FOUND: "no-such-route",
    HTTPStatus.METHOD_NOT_ALLOWED: "method-not-allowed",
}


async def _http(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    code = _BY_STATUS.get(HTTPStatus(error.status_code), "bad-request")
    return answer(ProblemError(error.status_code, code, headers=error.headers))


async def _invalid(_: Request, error: Exception) -> Response:
    """Name the places that are wrong and never what stood there."""
    if not isinstance(error, RequestValidationError):
        raise error
    places = [{"in": str(each["loc"][0]), "name": ".".join(map(str, each["loc"][1:]))} for each in error.errors()]
    return answer(ProblemError(422, "bad-parameter", parameters=places))
