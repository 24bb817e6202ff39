"""What the schema holds against a row, as the house's codes and JSON pointers."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from events.spoken import TAGS
from services.admission.problem import Problem
from services.admission.scan import bad_character
from services.admission.words import fields

_CODES: Mapping[str, str] = {
    "missing": "missing-field",
    "extra_forbidden": "unknown-field",
    "timezone_aware": "time-without-offset",
    "greater_than_equal": "out-of-bounds",
    "greater_than": "out-of-bounds",
    "less_than": "out-of-bounds",
    "less_than_equal": "out-of-bounds",
    "literal_error": "unknown-code",
    "finite_number": "out-of-bounds",
}
#: When every arm of a choice says no, the most telling of their answers stands for all.
_TELLING = ("time-without-offset", "out-of-bounds", "bad-character", "missing-field", "unknown-field", "invalid-value")


def problem(model: type[BaseModel], row: Mapping[str, Any], error: ValidationError) -> Problem:
    """Return the first fault of the row; of the arms of one choice the most telling."""
    found = [_one(model, row, fault) for fault in error.errors(include_url=False, include_context=False)]
    first = found[0]
    same = [each for each in found if each.pointer.startswith(first.pointer)]
    return min(same, key=_rank)


def _rank(each: Problem) -> int:
    return _TELLING.index(each.code) if each.code in _TELLING else -1


def _one(model: type[BaseModel], row: Mapping[str, Any], fault: ErrorDetails) -> Problem:
    path, value = _walk(row, fault["loc"])
    code = _CODES.get(fault["type"], "invalid-value")
    if code == "unknown-field":
        # The caller's own word is not repeated: it may be somebody's name.
        return Problem(code, _pointer(path[:-1]), "fields here: " + ", ".join(fields(model, path[:-1])))
    if code == "unknown-code" and not isinstance(value, str):
        code = "invalid-value"
    if code == "invalid-value" and bad_character(value):
        code = "bad-character"
    return Problem(code, _pointer(path))


def _walk(row: Mapping[str, Any], loc: Sequence[str | int]) -> tuple[list[str | int], Any]:
    """Follow a fault's location through the row, leaving out the names of a choice's arms."""
    value: Any = row
    path: list[str | int] = []
    for index, step in enumerate(loc):
        if step in TAGS:
            continue
        if isinstance(value, dict) and (step in value or _is_last_name(loc, index)):
            path.append(step)
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            path.append(step)
            value = value[step]
    return path, value


def _is_last_name(loc: Sequence[str | int], index: int) -> bool:
    return index == len(loc) - 1 and isinstance(loc[index], str)


def _pointer(path: Sequence[str | int]) -> str:
    return "".join(f"/{step}" for step in path)
