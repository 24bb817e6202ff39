"""How long a recipient may take to answer: by policy, by its service, in the initiative's own days."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.admission.context import Context
from tests.support.events import ident
from tests.support.scene import context, drafted, refused, standing
from tests.support.telling import offered


def at_most(days: int | None) -> Context:
    made = standing()
    made.respond_at_most = days
    return context(standing=made)


@pytest.mark.parametrize("respond_by", ["2026-03-16", "2026-03-17T04:59:59.999999Z", "2026-03-02T13:00:00Z"])
def test_an_answer_within_the_days_of_the_policy_may_be_waited_for(respond_by: str) -> None:
    drafted(offered(respond_by=respond_by), at_most(14))


@pytest.mark.parametrize("respond_by", ["2026-03-17", "2026-03-17T05:00:00Z", "2199-01-09"])
def test_one_that_comes_later_is_turned_away(respond_by: str) -> None:
    assert refused(offered(respond_by=respond_by), at_most(14)) == ("respond-by-too-late", "/data/respond_by")


def test_a_policy_that_never_said_so_bounds_nothing() -> None:
    drafted(offered(respond_by="2199-01-09"), at_most(None))


def test_a_service_says_in_how_many_days_it_answers() -> None:
    made = standing()
    made.services[ident("beds")] = replace(made.services[ident("beds")], respond_days=1)
    found = drafted(offered(respond_by="2199-01-09"), context(standing=made)).admitted
    # Tuesday and Wednesday, to their ends in Chicago.
    assert found["remind_at"] == datetime(2026, 3, 4, 5, 59, 59, 999999, tzinfo=UTC)
    assert found["escalate_at"] == datetime(2026, 3, 5, 5, 59, 59, 999999, tzinfo=UTC)


def test_a_holiday_is_no_day_to_answer_on() -> None:
    made = standing()
    made.holidays = frozenset({"2026-03-03"})
    found = drafted(offered(respond_by="2199-01-09"), context(standing=made)).admitted
    assert found["remind_at"] == datetime(2026, 3, 6, 5, 59, 59, 999999, tzinfo=UTC)
