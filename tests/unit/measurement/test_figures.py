"""Zero is not missing, and missing is not zero."""

from datetime import UTC, date, datetime

from services.measurement.figures import Figure, Reporter, Span, Sums, completed

MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)
CLINIC, SHELTER = Reporter("clinic", date(2026, 4, 20), True), Reporter("safe-house", date(2026, 1, 5), False)
NOW = datetime(2026, 5, 9, tzinfo=UTC)
FOUND = [Figure("clinic", MARCH, Sums(sent=2)), Figure("clinic", MAY, Sums(sent=1))]


def test_a_partner_that_speaks_of_cases_had_none_where_it_said_none() -> None:
    lines = completed(FOUND, [CLINIC], Span(), NOW)
    assert lines == [FOUND[0], Figure("clinic", APRIL, Sums()), FOUND[1]]


def test_of_a_partner_that_does_not_speak_of_cases_nobody_knows() -> None:
    lines = completed(FOUND, [SHELTER], Span(), NOW)
    assert [line.sums for line in lines if line.partner == "safe-house"] == [None, None, None]


def test_before_it_joined_a_partner_has_no_figure_at_all() -> None:
    newcomer = Reporter("bakery", date(2026, 5, 2), True)
    assert [line.month for line in completed(FOUND, [newcomer], Span(), NOW) if line.partner == "bakery"] == [MAY]


def test_only_the_months_asked_for_are_shown() -> None:
    lines = completed([], [CLINIC], Span(date(2025, 12, 1), date(2026, 5, 1)), NOW)
    assert [line.month for line in lines] == [APRIL, MAY]


def test_without_a_record_there_is_no_month() -> None:
    assert completed([], [CLINIC, SHELTER], Span(), None) == []
