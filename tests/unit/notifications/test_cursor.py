"""A cursor goes into a URL and comes back as it was; anything else is refused in one way."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.feed import Cursor, CursorUnreadable, Place

PLACES = st.builds(Place, st.integers(0, 10**18 - 1), st.integers(0, 9999))


@given(st.dictionaries(st.integers(0, 10**9 - 1), PLACES, max_size=40))
def test_a_cursor_is_read_as_it_was_written(seen: dict[int, Place]) -> None:
    text = str(Cursor(seen))
    assert re.fullmatch(r"[0-9.-]*", text)
    assert Cursor.read(text) == Cursor(seen)


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "1",
        "1-2",
        "1-2-3-4",
        "1-2-3.",
        ".1-2-3",
        "1-2-3.1-4-5",
        "-1-2-3",
        "1-2-3 ",
        "1-" + "9" * 19 + "-0",
        "\u0661-2-3",
    ],
)
def test_what_no_feed_gave_out_is_refused(text: str) -> None:
    with pytest.raises(CursorUnreadable):
        Cursor.read(text)


def test_a_long_text_is_refused_without_much_work() -> None:
    with pytest.raises(CursorUnreadable):
        Cursor.read("1-2-3." * 1_000_000)
