"""What the API's description says of routes beyond their signatures: bodies, examples, problems."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, Field

from services.gateway.answers import Admitted, Batch, Row
from services.gateway.cloudevents import Mode
from services.gateway.problems import MEDIA


class ProblemShown(BaseModel):
    """A problem (RFC 9457): `code` is stable, and the input is never repeated."""

    type: str = Field(examples=["/v1/codes/not-found"])
    title: str
    status: int
    code: str = Field(examples=["not-found"])
    detail: str | None = None
    pointer: str | None = Field(None, description="JSON pointer of the place in the event that is wrong.")


_REF = {"$ref": "#/components/schemas/ProblemShown"}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the description of these statuses as problems, with those that every route has."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "model": ProblemShown,
            "content": {MEDIA: {"schema": _REF}},
        }
        for status in sorted({*statuses, 400, 422, 429, 500, 503})
    }


_EXAMPLE: Mapping[str, Any] = {
    "id": "case-4711-1",
    "type": "client.registered",
    "time": "2026-03-02T09:30:00Z",
    "client": "own:4711",
    "latereason": "paper",
    "data": {},
}
_EVENT: Mapping[str, Any] = {
    "type": "object",
    "required": ["id", "type", "time", "data"],
    "properties": {
        "id": {"type": "string", "minLength": 1, "maxLength": 128, "description": "The same over retries."},
        "type": {"type": "string", "description": "In full or in short, as in `referral.requested`."},
        "time": {"type": "string", "format": "date-time", "description": "When it happened, with an offset."},
        "client": {"type": "string", "description": "`own:<id>` or the caller's alias of the client."},
        "subject": {"type": "string"},
        "latereason": {"type": "string", "description": "Why it is told more than 35 days after it happened."},
        "data": {"type": "object"},
    },
}


def _content(schema: Mapping[str, Any], example: Any) -> dict[str, Any]:
    return {"schema": schema, "example": example}


_BODY = {
    "required": True,
    "content": {
        Mode.STRUCTURED: _content(_EVENT, _EXAMPLE),
        Mode.BINARY: {
            "schema": {"type": "object"},
            "example": _EXAMPLE,
        },
        Mode.BATCH: _content({"type": "array", "items": _EVENT, "maxItems": 10_000}, [_EXAMPLE]),
        Mode.STREAM: {"schema": {"type": "string", "description": "One event a line, without end."}},
    },
}


POST_EVENTS: dict[str, Any] = {
    "openapi_extra": {"requestBody": _BODY},
    "responses": {
        200: {
            "description": "An event and its ruling; or every row's own end, whether all of them are good or not.",
            "model": Admitted | Batch | Row,
            "content": {
                Mode.STREAM: {"schema": {"type": "string", "description": "A line for each row, as `Row`."}},
            },
        },
        202: {"description": "The event stands on the log; its ruling is not known yet.", "model": Admitted},
    }
    | problems(401, 403, 404, 408, 409, 413, 415),
}


def tidied(document: dict[str, Any]) -> dict[str, Any]:
    """Return the API's description with what the framework cannot know: problems alone where something fails.

    An operation is summed up by its first sentence, and asks for a token where it may answer 401.
    """
    for path in document["paths"].values():
        for operation in path.values():
            operation["summary"] = operation["description"].partition("\n")[0].rstrip(".")
            for status, response in operation["responses"].items():
                if int(status) >= HTTPStatus.BAD_REQUEST:
                    response["content"] = {MEDIA: {"schema": _REF}}
            if "401" in operation["responses"]:
                # Where nobody is forbidden, nobody needs to be known.
                operation["security"] = [{"token": []}, *([] if "403" in operation["responses"] else [{}])]
    components = document["components"]
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    return document
