"""Loop figures as the command line shows them."""

import csv
from datetime import UTC, date, datetime
from io import StringIO

import pytest
from typer import BadParameter
from typer.testing import CliRunner

from services.measurement.asking import protected_partners
from services.measurement.loops import COUNTS, RATES, SPANS, Line, Loops, Moment
from services.ops import main
from services.ops.loops_shown import as_csv, as_json, as_tables, share
from services.ops.month import month

SPREAD = {"count": 2, "median": 3600, "p90": 90_000}
LINE: Line = {
    "month": date(2026, 3, 1),
    **dict.fromkeys(COUNTS, 3),
    "rates": {name: {"of": 1, "among": 3} for name in RATES},
    "seconds": {**dict.fromkeys(SPANS, SPREAD), "open": {**SPREAD, "most": 100_000}},
    "hops": {"count": 3, "median": 1, "p90": 2, "most": 2, "offers": 4},
}
FOUND = Loops(Moment(datetime(2026, 6, 1, tzinfo=UTC), {0: 9}), (LINE,))


def test_a_rate_is_both_its_counts() -> None:
    assert [share(1, 3), share(2, 3), share(0, 0), share(21, 40)] == ["1/3 (33 %)", "2/3 (67 %)", "0/0", "21/40 (53 %)"]


def test_people_are_told_of_when_it_is(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "240")
    as_tables(FOUND, ["month"])
    shown = capsys.readouterr().out
    assert "2026-03" in shown
    assert "1/3 (33 %)" in shown
    assert "1 h 0 min / 1 d 1 h" in shown
    assert "As of 2026-06-01 00:00 UTC" in shown


def test_nothing_is_said_to_be_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    as_tables(Loops(None), ["month"])
    assert capsys.readouterr().out == "No loops yet.\n"
    assert as_json(Loops(None))["at"] is None
    assert as_csv(Loops(None)) == ""


def test_lines_have_a_column_for_every_count() -> None:
    (row,) = csv.DictReader(StringIO(as_csv(FOUND)))
    assert row["month"] == "2026-03-01"
    assert (row["served"], row["response_median"], row["open_most"], row["hops_offers"]) == ("3", "3600", "100000", "4")


def test_a_partner_is_protected_when_all_of_its_services_are() -> None:
    offered = [("shelter", "general"), ("shelter", "substance-use"), ("refuge", "domestic-violence")]
    assert protected_partners(offered, {"substance-use", "domestic-violence"}) == {"refuge"}
    assert protected_partners([], {"substance-use"}) == frozenset()


def test_months_are_said_as_people_say_them() -> None:
    assert month("2026-03") == date(2026, 3, 1)
    with pytest.raises(BadParameter):
        month("March")


@pytest.mark.parametrize(
    "wrong",
    [
        ("figures", "--by", "client"),
        ("figures", "--by", "recipient"),
        ("figures", "--only", "sender"),
        ("figures", "--only", "month=2026-03"),
        ("figures", "--from", "March"),
        ("figures", "--as-of", "yesterday"),
        ("events", "closed", "--after", "here"),
        ("events", "everything"),
    ],
)
def test_what_cannot_be_asked_is_a_wrong_use(wrong: tuple[str, ...]) -> None:
    assert CliRunner().invoke(main.app, ["loops", *wrong]).exit_code == 2
