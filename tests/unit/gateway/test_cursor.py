"""Cursors: worth something to one caller, for one list and one question."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.binding import Binding
from services.gateway.cursor import Cursors
from services.gateway.principal import Kind, Principal
from services.gateway.problems import ProblemError

BINDING = Binding(b"k" * 32)
CLINIC = Principal(Kind.PARTNER_SYSTEM, "riverbend", "clinic")
QUESTION: Mapping[str, Any] = {"status": "requested", "overdue": True, "need": None}


def cursors(who: Principal = CLINIC, path: str = "/v1/x", asked: Mapping[str, Any] = QUESTION) -> Cursors:
    return Cursors(BINDING, who, path, asked)


def test_first_page_begins_at_the_beginning() -> None:
    assert cursors().after(None, 2) == [None, None]


def test_next_address_asks_the_same_question_from_there() -> None:
    address = urlsplit(cursors().next(7, ["2026-03-02T12:00:00+00:00", "id"]))
    query = {name: value for name, [value] in parse_qs(address.query).items()}
    assert address.path == "/v1/x"
    assert cursors().after(query.pop("cursor"), 2) == ["2026-03-02T12:00:00+00:00", "id"]
    assert query == {"status": "requested", "overdue": "true", "limit": "7"}


@pytest.mark.parametrize(
    "other",
    [
        cursors(Principal(Kind.PARTNER_SYSTEM, "riverbend", "shelter")),
        cursors(Principal(Kind.STAFF, "riverbend", "clinic", "person")),
        cursors(Principal(Kind.PARTNER_SYSTEM, "elsewhere", "clinic")),
        cursors(path="/v1/y"),
        cursors(asked={"status": "requested"}),
        cursors(asked={**QUESTION, "need": "food"}),
    ],
)
def test_cursor_is_nobody_else_s_and_for_no_other_question(other: Cursors) -> None:
    cursor = cursors().next(7, [1]).rpartition("=")[2]
    with pytest.raises(ProblemError, match="bad-cursor"):
        other.after(cursor, 1)


def test_cursor_that_goes_by_other_values_is_none() -> None:
    cursor = cursors().next(7, [1]).rpartition("=")[2]
    assert cursors().after(cursor, 1) == [1]
    with pytest.raises(ProblemError, match="bad-cursor"):
        cursors().after(cursor, 3)


@given(st.text(max_size=600))
def test_nothing_made_up_is_a_cursor(text: str) -> None:
    with pytest.raises(ProblemError, match="bad-cursor"):
        cursors().after(text, 1)
