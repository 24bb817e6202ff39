"""When a service that was promised is to begin: by its recipient's word, else by policy, in the initiative's days."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from services.admission.context import Context
from services.admission.standing import Standing, Window
from tests.support.admitting import SHELTER, said, shelter
from tests.support.events import ident
from tests.support.scene import LONG_AGO, NOW, REFERRAL, context, drafted, refused, standing

BEDS = ident("beds")


def scene(made: Standing | None = None, **changed: Any) -> Context:
    return context(shelter, standing=made or standing(), **changed)


def starting(name: str = "offer_accepted", at: Context | None = None, **data: Any) -> list[Mapping[str, Any]]:
    """Return what admission adds to a promise of that Monday at 6 in Chicago."""
    return list(drafted(promise(name, **data), at or scene()).admitted.get("starting", ()))


def promise(name: str, **data: Any) -> bytes:
    return said(f"referral.{name}", "a", {"offer_id": ident("o"), **data}, subject=REFERRAL, time=NOW.isoformat())


def ends(month: int, day: int, hour: int = 4) -> datetime:
    """Return the end of a day in Chicago, where it is the next one by UTC; from the 8th on its clocks are ahead."""
    return datetime(2026, month, day, hour, 59, 59, 999999, tzinfo=UTC)


@pytest.mark.parametrize("name", ["offer_accepted", "waitlisted"])
def test_it_is_ten_business_days_and_as_many_again(name: str) -> None:
    assert starting(name) == [{"start_by": ends(3, 17), "escalate_at": ends(3, 31)}]


def test_the_day_that_the_recipient_names_goes_before_and_the_same_days_count_from_there() -> None:
    assert starting(expected_by="2026-03-20") == [{"start_by": ends(3, 21), "escalate_at": ends(4, 4)}]


def test_a_policy_says_how_many_and_which_days_are_none() -> None:
    made = standing()
    made.start_days, made.holidays = 2, frozenset({"2026-03-04"})
    assert starting(at=scene(made)) == [{"start_by": ends(3, 6, 5), "escalate_at": ends(3, 10)}]


@pytest.mark.parametrize("name", ["offer_accepted", "offer_claimed", "waitlisted"])
def test_a_day_that_is_too_far_ahead_is_turned_away_as_nobody_would_be_reminded_before_it(name: str) -> None:
    service: dict[str, Any] = {"service_id": BEDS} if name == "offer_claimed" else {}
    assert starting(name, expected_by="2027-03-02", **service)
    late = promise(name, expected_by="2027-03-03", **service)
    assert refused(late, scene()) == ("expected-by-too-late", "/data/expected_by")


def test_a_policy_says_how_far_ahead_it_may_be() -> None:
    made = standing()
    made.start_at_most = 730
    assert starting("waitlisted", scene(made), expected_by="2028-03-01")
    late = promise("waitlisted", expected_by="2028-03-02")
    assert refused(late, scene(made)) == ("expected-by-too-late", "/data/expected_by")


def slow() -> Standing:
    made = standing()
    made.take_start("shelter", BEDS, 15)
    made.take_start("shelter", ident("kitchen"), 15)
    made.take_start("clinic", ident("somebody else's"), 3)
    return made


def test_services_with_days_of_their_own_stand_beside_as_it_is_not_known_which_was_asked_for() -> None:
    assert starting(at=scene(slow())) == [
        {"start_by": ends(3, 17), "escalate_at": ends(3, 31)},
        {"services": [BEDS, ident("kitchen")], "start_by": ends(3, 24), "escalate_at": ends(4, 14)},
    ]


def test_a_claim_names_its_service() -> None:
    assert [each.get("services") for each in starting("offer_claimed", scene(slow()), service_id=BEDS)] == [
        None,
        [BEDS],
    ]


def test_a_service_may_take_its_own_days_back() -> None:
    made = slow()
    made.take_start("shelter", BEDS, None)
    assert [each.get("services") for each in starting(at=scene(made))] == [None, [ident("kitchen")]]


def test_what_would_lie_behind_all_that_can_be_said_is_left_out() -> None:
    made = standing()
    made.start_at_most = 100_000
    assert starting(at=scene(made), expected_by="2199-12-30") == []


def test_history_that_is_loaded_promises_nothing_anew() -> None:
    made, at = standing(), datetime(2024, 3, 2, 12, tzinfo=UTC)
    made.windows = {LONG_AGO: Window(frozenset({SHELTER}), at, at)}
    row = said("referral.offer_accepted", "a", {"offer_id": ident("o")}, subject=REFERRAL, time=at.isoformat())
    assert "starting" not in drafted(row, scene(made, backfill=LONG_AGO)).admitted
