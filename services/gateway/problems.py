"""What fails is answered as a problem document (RFC 9457) with a stable code, never with the input itself."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from events.codes import CODES
from projections.batch import Away
from services.admission.directory import LogAway, UnknownOnLog

MEDIA = "application/problem+json"
#: Where a problem's type leads: the code's own entry.
TYPE = "/v1/codes/"
#: Seconds after which a server that was away is worth asking again.
AGAIN_S = "1"


class ProblemError(HTTPException):
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
        super().__init__(int(status), detail or "", dict(headers or {}))
        self.status = int(status)
        self.code = code
        self.extra = extra

    def __str__(self) -> str:
        return f"{self.status} {self.code}"


def problem(status: int, code: str, detail: str | None = None, **extra: Any) -> dict[str, Any]:
    """Return the document; `detail` is the house's own words."""
    document = {"type": TYPE + code, "title": CODES[code].text, "status": status, "code": code}
    more = {"detail": detail or None, **extra}
    return document | {name: value for name, value in more.items() if value is not None}


def answer(error: ProblemError) -> Response:
    """Return the response that says so."""
    body = orjson.dumps(problem(error.status, error.code, error.detail, **error.extra))
    return Response(body, error.status, {"Cache-Control": "no-store", **(error.headers or {})}, MEDIA)


def install(app: FastAPI) -> None:
    """Answer every failure that a route raises, or that comes before a route, in this one form."""
    app.add_exception_handler(ProblemError, _own)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Away, _store_away)
    app.add_exception_handler(LogAway, _log_away)
    app.add_exception_handler(UnknownOnLog, _log_ahead)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _unforeseen)


def log_unavailable(**extra: Any) -> ProblemError:
    """Return the problem of a log that did not acknowledge in time: the outcome is unknown."""
    return ProblemError(503, "log-unavailable", headers={"Retry-After": AGAIN_S}, **extra)


async def _own(_: Request, error: Exception) -> Response:
    if not isinstance(error, ProblemError):
        raise error
    return answer(error)


_BY_STATUS = {
    HTTPStatus.UNAUTHORIZED: "unauthenticated",
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.NOT_FOUND: "no-such-route",
    HTTPStatus.METHOD_NOT_ALLOWED: "method-not-allowed",
    HTTPStatus.NOT_ACCEPTABLE: "not-acceptable",
    HTTPStatus.PRECONDITION_FAILED: "precondition-failed",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "body-too-large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "unsupported-media-type",
    HTTPStatus.TOO_MANY_REQUESTS: "rate-limited",
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
    return answer(ProblemError(422, "bad-parameter", parameters=[_place(each) for each in error.errors()]))


def _place(fault: Mapping[str, Any]) -> dict[str, str]:
    """Return where a fault is; a name that the caller made up is not repeated, as it may be somebody's."""
    kind, *steps = fault["loc"]
    known = steps[:-1] if fault["type"] == "extra_forbidden" else steps
    return {"in": str(kind), "name": ".".join(map(str, known))}


async def _store_away(_: Request, __: Exception) -> Response:
    return answer(ProblemError(503, "store-unavailable", headers={"Retry-After": AGAIN_S}))


async def _log_away(_: Request, __: Exception) -> Response:
    return answer(log_unavailable())


async def _log_ahead(_: Request, __: Exception) -> Response:
    return answer(ProblemError(503, UnknownOnLog.code, headers={"Retry-After": AGAIN_S}))


async def _gone(_: Request, __: Exception) -> Response:
    """Answer nobody: the caller hung up."""
    return answer(ProblemError(400, "bad-request"))


async def _unforeseen(request: Request, _: Exception) -> Response:
    """Say that it is our fault; the server logs the failure's type and places by the same request id."""
    return answer(ProblemError(500, "internal", request_id=request.scope["state"].get("request_id")))
