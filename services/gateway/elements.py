"""The elements of a JSON array as the bytes they stand in, each to be parsed by itself."""

import asyncio
import re

from services.gateway.problems import ProblemError

#: A whole string, a bracket or a comma; what lies between them is of no concern here.
_STEPS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{},]', re.DOTALL)
_SPACE = b" \t\r\n"
#: Elements of an array at most.
MOST = 10_000
#: Steps taken without letting anybody else go on.
SLICE = 2_000


async def elements(body: bytes) -> list[bytes]:
    """Return the elements of the array.  Raises ProblemError when it is none, or has too many of them."""
    text = body.strip(_SPACE)
    if not (text.startswith(b"[") and text.endswith(b"]")):
        raise _no_array()
    found: list[bytes] = []
    begins, depth, ended = 1, 0, False
    for count, step in enumerate(_STEPS.finditer(text)):
        if count % SLICE == SLICE - 1:
            await asyncio.sleep(0)
        token = step.group()
        if ended:
            raise _no_array()
        depth += (token in (b"[", b"{")) - (token in (b"]", b"}"))
        if (depth == 1 and token == b",") or depth == 0:
            found.append(text[begins : step.start()].strip(_SPACE))
            begins, ended = step.end(), depth == 0
            if len(found) > MOST:
                raise ProblemError(413, "body-too-large", f"an array has {MOST} elements at most")
    if not ended or begins != len(text):
        raise _no_array()
    return _without_emptiness(found)


def _without_emptiness(found: list[bytes]) -> list[bytes]:
    """Return the elements of an array, of which `[]` has none; a comma with nothing beside it is no JSON."""
    if found == [b""]:
        return []
    if b"" in found:
        raise _no_array()
    return found


def _no_array() -> ProblemError:
    return ProblemError(400, "not-json", "the body is not one JSON array")
