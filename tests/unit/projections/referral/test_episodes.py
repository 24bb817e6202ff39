"""Stretches of service: one partner tells of its own, from enrolment to exit, and of what it told wrongly."""

from typing import Any

import pytest
from msgspec.structs import replace

from projections.referral import REFERRAL
from projections.referral.state import Episode
from projections.ruling import Refused
from tests.support.events import NOON, Told, ident, partner
from tests.support.story import History
from tests.unit.projections.referral.beginnings import DUE, MINUTE, accepted

EPISODE = ident("an episode")
OWN: dict[str, Any] = {"subject": EPISODE, "source": partner("clinic")}
ENROLLED = Episode(partner="clinic", programme="winter", enrolled=NOON, last=NOON + 2 * MINUTE)
EXIT = ident("the exit")


def enrolled(told: Told, **said: Any) -> History:
    begun = History(REFERRAL).given(told("client.registered"))
    return begun.given(told("episode.enrolled", **OWN, **said))


def exited(told: Told) -> History:
    return enrolled(told).given(told("episode.exited", **OWN, id=EXIT, time=DUE))


def episode(then: History) -> Episode:
    found: Episode = then.state("episode")
    return found


def test_a_partner_that_serves_the_client_enrols_it_once() -> None:
    told = Told()
    then = enrolled(told)
    assert episode(then) == ENROLLED
    assert then.when(told("episode.enrolled", **OWN)) == Refused("already-exists", "episode")
    stranger = {"subject": ident("another"), "source": partner("stranger")}
    assert then.when(told("episode.enrolled", **stranger)) == Refused("not-permitted")


def test_whoever_accepted_an_offer_enrols_too() -> None:
    told = Told()
    then = accepted(told).given(told("episode.enrolled", household_head=True))
    assert (episode(then).partner, episode(then).household_head) == ("shelter", True)


def test_what_is_given_and_reached_is_counted_until_the_exit() -> None:
    told = Told()
    then = enrolled(told).given(
        told("episode.service_delivered", **OWN),
        told("episode.service_delivered", **OWN),
        told("episode.milestone_reached", **OWN),
        told("episode.exited", **OWN, id=EXIT, time=DUE),
    )
    assert episode(then) == replace(
        ENROLLED,
        services=2,
        milestones=1,
        exited=DUE,
        exit=EXIT,
        destination="rented-home",
        outcome="completed",
        last=NOON + 6 * MINUTE,
    )
    for name in ("service_delivered", "milestone_reached", "exited"):
        assert then.when(told(f"episode.{name}", **OWN)) == Refused("illegal-transition", "exited")


@pytest.mark.parametrize("name", ["service_delivered", "milestone_reached", "exited", "corrected", "entered_in_error"])
def test_only_its_partner_tells_of_it_and_only_of_one_that_is_there(name: str) -> None:
    told = Told()
    then = enrolled(told)
    event = told(f"episode.{name}", **OWN | {"source": partner("shelter")}, causationid=EXIT)
    assert then.when(event) == Refused("not-permitted")
    nowhere = told(f"episode.{name}", **OWN | {"subject": ident("no episode")}, causationid=EXIT)
    assert then.when(nowhere) == Refused("unknown-subject", "episode")


def test_a_correction_names_what_it_corrects() -> None:
    told = Told()
    then = exited(told)
    assert then.when(told("episode.corrected", **OWN)) == Refused("cause-missing")
    then.given(told("episode.corrected", **OWN, causationid=EXIT, outcome="left-early"))
    assert (episode(then).outcome, episode(then).destination, episode(then).corrections) == (
        "left-early",
        "rented-home",
        1,
    )


def test_a_correction_of_something_else_leaves_the_exit_as_it_was() -> None:
    told = Told()
    then = exited(told)
    before = episode(then)
    then.given(told("episode.corrected", **OWN, causationid=ident("a meal"), outcome="left-early"))
    assert episode(then) == replace(before, corrections=1, last=before.last + MINUTE)


def test_an_exit_in_error_opens_the_episode_again() -> None:
    told = Told()
    then = exited(told).given(told("episode.entered_in_error", **OWN, causationid=EXIT))
    assert episode(then) == replace(ENROLLED, corrections=1, last=NOON + 4 * MINUTE)
    assert then.row("episode")["exited_at"] is None
    then.given(told("episode.service_delivered", **OWN), told("episode.exited", **OWN))


def test_an_error_about_one_event_counts_and_one_without_a_cause_is_about_all() -> None:
    told = Told()
    then = enrolled(told).given(told("episode.entered_in_error", **OWN, causationid=ident("a meal")))
    assert (episode(then).corrections, episode(then).in_error) == (1, False)
    then.given(told("episode.entered_in_error", **OWN))
    assert episode(then).in_error is True
    assert then.row("episode")["in_error"] is True
    for name in ("service_delivered", "corrected", "entered_in_error"):
        event = told(f"episode.{name}", **OWN, causationid=EXIT)
        assert then.when(event) == Refused("illegal-transition", "entered-in-error")


def test_what_was_loaded_late_says_so_and_nothing_precedes_what_is_known() -> None:
    told = Told()
    backfill = {"admitted": {"backfill": ident("backfill")}}
    then = History(REFERRAL).given(told("client.registered", **backfill))
    then.given(told("episode.enrolled", **OWN, **backfill, time=DUE))
    assert episode(then).backfilled is True
    early = told("episode.exited", **OWN, **backfill, time=DUE - MINUTE)
    assert then.when(early) == Refused("out-of-order")


def test_nothing_is_told_of_an_erased_client() -> None:
    told = Told()
    then = exited(told).given(told("client.erased"))
    error = told("episode.entered_in_error", **OWN, causationid=EXIT)
    assert then.when(error) == Refused("client-erased")
