"""The account of disclosures as comma-separated lines."""

import csv
import io
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.gateway import sheets
from services.ops.disclosures_shown import FILE, as_csv
from tests.support.disclosed import START

#: What a partner could call itself.
NAME = '=HYPERLINK("https://elsewhere.example")'


def rows() -> list[dict[str, str]]:
    line: dict[str, Any] = dict.fromkeys(FILE) | {"recipient": NAME, "fields": ["need", "area"]}
    times = {"disclosed": START, "happened": START, "recorded": START}
    return list(csv.DictReader(io.StringIO(as_csv([line | times], ZoneInfo("America/Chicago")), newline="")))


def test_a_file_holds_times_twice_and_codes_side_by_side() -> None:
    [row] = rows()
    assert (row["disclosed_utc"], row["disclosed_local"]) == ("2026-03-01T00:00:00Z", "2026-02-28T18:00:00-06:00")
    assert (row["fields"], row["consent"]) == ("need area", "")


def test_no_spreadsheet_runs_what_a_partner_calls_itself() -> None:
    assert [row["recipient"] for row in rows()] == [f"'{NAME}"]


def test_test_of_formulas_notices_a_cell_without_its_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "guarded", str)
    assert [row["recipient"] for row in rows()] == [NAME]


def test_a_file_of_nothing_names_its_columns() -> None:
    assert as_csv([], ZoneInfo("UTC")).rstrip() == ",".join(f'"{name}"' for name in FILE)
