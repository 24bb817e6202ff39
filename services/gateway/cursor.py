"""Where a page of a list ended: shown again by the same caller, for the same question, it goes on from there."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import orjson
from pydantic import BaseModel, ConfigDict, Field

from services.gateway.binding import Binding
from services.gateway.principal import Principal
from services.gateway.problems import ProblemError

#: Rows of a page at most, and when nothing is said.
MOST, USUAL = 200, 50


class Paged(BaseModel):
    """Which page of a list."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(USUAL, ge=1, le=MOST)
    cursor: str | None = Field(None, max_length=512, description="Of the page before, in its `next`.")
    token: str | None = Field(None, max_length=512, description="Of an answer to a POST: wait until that event shows.")


class Cursors:
    """Gives out and takes back the cursors of one list for one caller and one question."""

    def __init__(self, binding: Binding, who: Principal, path: str, asked: Mapping[str, Any]) -> None:
        self._binding = binding
        self._who = who
        self._path = path
        self._asked = {name: value for name, value in asked.items() if value not in (None, [])}
        question = orjson.dumps(self._asked, option=orjson.OPT_SORT_KEYS)
        self._purpose = f"cursor {path} {sha256(question).hexdigest()}"

    def after(self, cursor: str | None, size: int) -> list[Any]:
        """Return the `size` values that the page before ended with, each None at the beginning.

        Raises ProblemError when the cursor was given to somebody else, or for another question.
        """
        if cursor is None:
            return [None] * size
        payload = self._binding.unbind(self._purpose, self._who, cursor)
        found: list[Any] = [] if payload is None else orjson.loads(payload)
        # An earlier build's may have gone by other values.
        if len(found) != size:
            raise ProblemError(400, "bad-cursor")
        return found

    def next(self, limit: int, ended: Sequence[Any]) -> str:
        """Return the address of the page after the one that ended with these values."""
        cursor = self._binding.bind(self._purpose, self._who, orjson.dumps(ended))
        asked = [(name, _said(each)) for name, value in self._asked.items() for each in _each(value)]
        return f"{self._path}?{urlencode([*asked, ('limit', limit), ('cursor', cursor)])}"


def _each(value: Any) -> Sequence[Any]:
    """Return what a parameter is given as: one value, or as many as a list has."""
    return value if isinstance(value, list) else [value]


def _said(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
