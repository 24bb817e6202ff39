"""What bytes must satisfy before and after a JSON parser sees them: size, depth, characters, repeated keys.

Each check is exact; the common row pays for a few searches over its bytes only.
"""

import json
import math
import re
from typing import Any, Never

import orjson

from services.admission.problem import TurnedAway
from services.admission.words import KNOWN

LARGEST = 256 * 1024
DEEPEST = 32
#: A whole string, closed or not (so that no input makes the search start over), or one bracket.
_STEPS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{\]}]', re.DOTALL)
_BAD_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_OPENING = (b"[", b"{")
_CLOSING = (b"]", b"}")


def load(row: bytes) -> dict[str, Any]:
    """Return the JSON object in the row; raises TurnedAway for anything that is not exactly one."""
    if len(row) > LARGEST:
        raise TurnedAway("too-large")
    _check_depth(row)
    try:
        value = orjson.loads(row)
    except orjson.JSONDecodeError:
        _explain(row)
    if not isinstance(value, dict):
        raise TurnedAway("not-json")
    if _may_repeat(row, value):
        json.loads(row, object_pairs_hook=_once)
    return value


def bad_character(text: object) -> bool:
    """Say whether it is a text with a control character or a lone surrogate."""
    return isinstance(text, str) and _BAD_CHARACTER.search(text) is not None


def _check_depth(row: bytes) -> None:
    if row.count(b"[") + row.count(b"{") <= DEEPEST:
        return
    depth = 0
    for step in _STEPS.finditer(row):
        token = step.group()
        if token in _OPENING:
            depth += 1
            if depth > DEEPEST:
                raise TurnedAway("too-deep")
        elif token in _CLOSING:
            depth -= 1


def _may_repeat(row: bytes, value: dict[str, Any]) -> bool:
    """Say whether a key may have been dropped as a repetition.

    Every pair has its colon, and writing the value again keeps each colon but a dropped pair's.  Only an
    escaped colon could make up for that, so rows with escapes by number take the thorough way.
    """
    return b"\\u" in row or row.count(b":") != orjson.dumps(value).count(b":")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise TurnedAway("duplicate-key")
    return found


def _explain(row: bytes) -> Never:
    """Find out, by a slower parser that takes more, why a row is no JSON the house accepts."""
    try:
        value = json.loads(
            row.decode(),
            strict=False,
            object_pairs_hook=_once,
            parse_constant=_constant,
            parse_float=_number,
            parse_int=_number,
        )
    except (ValueError, RecursionError):
        raise TurnedAway("not-json") from None
    pointer = _bad_place(value, "")
    raise TurnedAway("not-json") if pointer is None else TurnedAway("bad-character", pointer)


def _constant(_: str) -> Never:
    raise TurnedAway("not-json")


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise TurnedAway("out-of-bounds")
    return value


def _bad_place(value: Any, pointer: str) -> str | None:
    """Return the pointer of the first bad character, as far as it is made of the schema's own words."""
    if isinstance(value, dict):
        steps = list(value.items())
        if any(bad_character(key) for key in value):
            return pointer
    elif isinstance(value, list):
        steps = list(enumerate(value))
    else:
        return pointer if bad_character(value) else None
    for step, part in steps:
        known = isinstance(step, int) or step in KNOWN
        found = _bad_place(part, f"{pointer}/{step}" if known else pointer)
        if found is not None:
            return found if known else pointer
    return None
