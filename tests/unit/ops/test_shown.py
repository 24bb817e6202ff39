"""Answers for people and for machines."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import orjson
import pytest

from services.ops.shown import cell, in_zone, lasted, print_json, print_table
from services.ops.timeline import told

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(minutes=5), "5 min"),
        (timedelta(hours=2, minutes=7), "2 h 7 min"),
        (timedelta(days=3, hours=1), "3 d 1 h"),
    ],
)
def test_lasted_names_the_two_largest_units(span: timedelta, text: str) -> None:
    assert lasted(span) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (False, ""), (True, "yes"), (12345, "12,345"), (NOON, "2026-03-01 12:00 UTC"), (["a", "b"], "a, b")],
)
def test_cell_reads_as_people_write(value: object, text: str) -> None:
    assert cell(value) == text


def test_in_zone_moves_times_only() -> None:
    assert in_zone({"at": NOON, "n": 1}, ZoneInfo("America/Chicago")) == {"at": NOON, "n": 1}
    assert in_zone({"at": NOON}, ZoneInfo("America/Chicago"))["at"].hour == 6


def test_json_is_one_document_with_spans_in_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    print_json([{"at": NOON, "age": timedelta(minutes=1)}])
    assert orjson.loads(capsys.readouterr().out) == [{"at": NOON.isoformat(), "age": 60}]


def test_an_empty_table_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    print_table("Partners", [], ("id",), "No partner has joined yet.")
    assert capsys.readouterr().out == "No partner has joined yet.\n"


def _line(name: str, minutes: int, refusal: str | None = None, copies: int = 0) -> dict[str, object]:
    return {
        "type": f"referral.{name}",
        "source": "urn:manyhands:partner:clinic",
        "happened": NOON + timedelta(minutes=minutes),
        "outcome": "refused" if refusal else "applied",
        "refusal": refusal,
        "detail": None if refusal else "sent",
        "copies": copies,
    }


def test_told_measures_from_the_last_applied_event() -> None:
    lines = told([_line("requested", 0), _line("offer_accepted", 5, "illegal-transition"), _line("offer_sent", 8)])
    assert [line["after"] for line in lines] == [None, timedelta(minutes=5), timedelta(minutes=8)]
    assert lines[1]["became"] == "refused: illegal-transition"


def test_told_gives_no_duration_to_what_happened_before() -> None:
    assert told([_line("requested", 5), _line("offer_sent", 0)])[1]["after"] is None


def test_told_says_how_often_an_event_came() -> None:
    assert told([_line("offer_sent", 0, copies=2)])[0]["became"] == "sent (said 3 times)"
