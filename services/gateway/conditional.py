"""Answers that a caller may keep and ask about again: an entity tag, and nothing where nothing changed."""

from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import Request
from starlette.responses import Response

from services.gateway.parts import parts_of
from services.gateway.principal import Principal

#: Kept by the caller alone, and asked about each time.
CACHE = "private, no-cache"
#: What a route says of itself that answers so.
NOT_MODIFIED: dict[int | str, dict[str, Any]] = {
    304: {"description": "It is as the caller last saw it: nothing is sent."},
}


def answered(
    request: Request, who: Principal, told: Mapping[str, Any], lasting: Mapping[str, Any] | None = None
) -> Response:
    """Return the answer, or 304 where the caller holds it already.

    `lasting` is the answer without what goes with the clock, which is no reason to send the rest again.
    """
    parts = parts_of(request)
    tag = parts.binding.tag(who, orjson.dumps(lasting or told, option=orjson.OPT_SORT_KEYS))
    headers = {"ETag": tag, "Cache-Control": CACHE}
    if tag in _held(request):
        return Response(status_code=304, headers=headers)
    return Response(orjson.dumps(told), 200, headers, "application/json")


def _held(request: Request) -> set[str]:
    said = ",".join(request.headers.getlist("if-none-match"))
    return {each.strip().removeprefix("W/") for each in said.split(",")}
