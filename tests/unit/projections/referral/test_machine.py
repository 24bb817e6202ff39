"""Anything said by anybody in any order: what must hold whatever comes, and that a missing guard is noticed."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.unit.projections.referral.machine import Anything

TestAnything = Anything.TestCase
TestAnything.settings = settings(max_examples=150, stateful_step_count=50, deadline=None)

#: The same walk each time, and no search for a shorter one: that it fails at all is what counts.
QUICK = settings(
    max_examples=400,
    stateful_step_count=60,
    deadline=None,
    database=None,
    derandomize=True,
    phases=(Phase.generate,),
    suppress_health_check=tuple(HealthCheck),
)
#: Guards that can be taken away, each with what stands in its place.
LET: dict[str, Callable[..., Any]] = {
    "projections.referral.rules.answer._own_deadline": lambda *_: None,
    "projections.referral.rules.answer._still_wanted": lambda *_: None,
    "projections.referral.rules.answer.covered": lambda *_: None,
    "projections.referral.rules.guard.of_class": lambda *_: True,
    "projections.referral.rules.offer._room": lambda *_: None,
    "projections.referral.rules.offer._replaced": lambda *_: None,
    "projections.referral.rules.offer.in_force": lambda client, consent_id, _: client.consents[0],
    "projections.referral.endings._relying": lambda *_: (),
    "projections.referral.rules.need.speaking": lambda *_: (),
    "projections.referral.status.speaking": lambda offers, _: offers,
    "projections.referral.evolve._reindexed": lambda client, *_: client,
    "projections.referral.rules.guard.in_order": lambda *_: None,
}


@pytest.mark.parametrize("guard", LET)
def test_a_guard_that_is_missing_is_noticed(guard: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, LET[guard])
    with pytest.raises((AssertionError, LookupError)):
        run_state_machine_as_test(Anything, settings=QUICK)
