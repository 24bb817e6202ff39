"""Cells of a file: whatever is in them, a spreadsheet reads text and runs nothing."""

import csv
import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.gateway import sheets
from services.gateway.sheets import BOM, cells, guarded, headed, times, written

#: What makes a formula, as OWASP lists it, and the wide forms that some spreadsheets take for the same.
STARTS = "=+-@\uff1d\uff0b\uff0d\uff20"
BLANK = " \t\r\n\x0b\x0c\xa0\u2003\u200b\u200e\ufeff\x00"
TEXT = st.text(st.characters(codec="utf-8"), max_size=30)
HOSTILE = st.builds("".join, st.tuples(st.text(BLANK, max_size=3), st.text(STARTS + "\t\r", max_size=2), TEXT))


def read(line: bytes) -> list[str]:
    [row] = csv.reader(io.StringIO(line.decode(), newline=""))
    return row


@given(TEXT | HOSTILE)
@example("=1+1")
@example(" =1+1")
@example("\u200b=cmd|' /C calc'!A0")
@example("\t")
def test_no_cell_begins_as_a_formula(text: str) -> None:
    cell = guarded(text)
    assert cell.strip(BLANK)[:1] not in set(STARTS)
    assert cell[:1] not in {"\t", "\r", "\n"}


@given(TEXT | HOSTILE)
def test_nothing_is_lost_or_added_but_the_quote(text: str) -> None:
    assert guarded(text) in (text, f"'{text}")


@pytest.mark.parametrize("text", ["", "clinic", "2026-03-02T14:10:12Z", "a=b", "a-b", "'=1", "0", "ünd"])
def test_plain_cells_are_left_alone(text: str) -> None:
    assert guarded(text) == text


@given(st.lists(TEXT | HOSTILE, min_size=1, max_size=5))
def test_a_line_is_read_back_cell_by_cell(values: list[str]) -> None:
    assert read(cells(values)) == [guarded(value) for value in values]


def test_without_the_guard_a_formula_would_get_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "guarded", lambda text: text)
    with pytest.raises(AssertionError):
        assert read(cells(["=1+1"])) == ["'=1+1"]


def test_numbers_and_absence_are_no_text() -> None:
    assert read(cells([-3, 2.5, None, True, False])) == ["-3", "2.5", "", "true", "false"]


def test_a_time_comes_by_both_clocks() -> None:
    moment = datetime(2026, 3, 2, 14, 10, 12, tzinfo=UTC)
    assert times("sent", moment, ZoneInfo("America/Chicago")) == {
        "sent_utc": "2026-03-02T14:10:12Z",
        "sent_local": "2026-03-02T08:10:12-06:00",
    }
    assert times("sent", None, ZoneInfo("UTC")) == {"sent_utc": None, "sent_local": None}


def test_a_file_begins_with_its_columns_or_with_its_first_line() -> None:
    assert headed(("a", "b"), "csv", bom=True) == BOM + b'"a","b"\r\n'
    assert headed(("a", "b"), "csv", bom=False) == b'"a","b"\r\n'
    assert headed(("a", "b"), "ndjson", bom=True) == b""
    rows = [{"b": 1, "a": "=x", "c": "left out"}]
    assert written(rows, ("a", "b"), "csv") == b'"\'=x","1"\r\n'
    assert orjson.loads(written(rows, ("a", "b"), "ndjson")) == {"a": "=x", "b": 1}
