"""A gateway that does not mind what it reads: it says it in its log, and falls over what it does not expect."""

import sys

import orjson
from starlette.datastructures import Headers

from services.gateway import cloudevents
from services.gateway.serve import main
from services.runtime.logging import get

log = get(__name__)


def row_of(headers: Headers, body: bytes) -> bytes:
    """Return an event in binary mode, as it would be if everybody meant well."""
    log.info("binary", attributes=dict(headers), body=body.decode("utf-8", "replace"))
    return orjson.dumps({"data": orjson.loads(body)})


if __name__ == "__main__":
    # The one thing that is wrong about this gateway.
    vars(cloudevents)["row_of"] = row_of
    sys.exit(main())
