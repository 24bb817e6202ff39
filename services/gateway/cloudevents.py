"""CloudEvents over HTTP: which mode a request is in, and binary mode's headers as one row."""

import re
from enum import StrEnum
from urllib.parse import unquote_to_bytes

import orjson
from starlette.datastructures import Headers

from services.gateway.problems import ProblemError

_ATTRIBUTE = re.compile(r"[a-z0-9]{1,30}")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(.)")
PREFIX = "ce-"


class Mode(StrEnum):
    """How a request carries its events."""

    STRUCTURED = "application/cloudevents+json"
    BATCH = "application/cloudevents-batch+json"
    STREAM = "application/x-ndjson"
    BINARY = "application/json"


def mode_of(headers: Headers) -> Mode:
    """Return the mode.  JSON without the headers of binary mode is an event as a whole, for callers by hand.

    Binary mode without a type is JSON, as an event's data is when it says nothing else.
    Raises ProblemError when the body is of a type, or in a character set, that is not taken.
    """
    media, *parameters = (each.strip().lower() for each in headers.get("content-type", "").split(";"))
    sets = [each.partition("=")[2].strip('" ') for each in parameters if each.startswith("charset")]
    binary = "ce-specversion" in headers
    if binary and not media:
        return Mode.BINARY
    if media not in set(Mode) or any(each not in ("utf-8", "us-ascii") for each in sets):
        raise ProblemError(415, "unsupported-media-type", headers={"Accept-Post": ", ".join(Mode)})
    mode = Mode(media)
    return Mode.STRUCTURED if mode is Mode.BINARY and not binary else mode


def row_of(headers: Headers, body: bytes) -> bytes:
    """Return an event in binary mode as a row: its attributes from the headers, its data from the body.

    Raises ProblemError when a header is repeated or cannot be read, or the body is no JSON by itself.
    """
    attributes: dict[str, str] = {}
    for name, value in headers.items():
        if name.startswith(PREFIX):
            attribute = name.removeprefix(PREFIX)
            if attribute in attributes or attribute == "data" or not _ATTRIBUTE.fullmatch(attribute):
                raise ProblemError(400, "bad-header")
            attributes[attribute] = _decoded(value)
    if not body.strip():
        return orjson.dumps(attributes)
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        raise ProblemError(400, "not-json", pointer="/data") from None
    return b"".join((orjson.dumps(attributes)[:-1], b"," if attributes else b"", b'"data":', body, b"}"))


def _decoded(value: str) -> str:
    """Return a header's value without quotes and percent-encoding, each taken off once."""
    quoted = _QUOTED.fullmatch(value.strip())
    plain = _ESCAPED.sub(r"\1", quoted[1]) if quoted else value.strip()
    try:
        return unquote_to_bytes(plain).decode()
    except UnicodeDecodeError:
        raise ProblemError(400, "bad-header") from None
