"""Anything said by anybody in any order: what must hold whatever comes, and that a missing guard is noticed."""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.unit.projections.referral.machine import Anything

TestAnything = Anything.TestCase
TestAnything.settings = settings(max_examples=150, stateful_step_count=50, deadline=None)

#: No search for a shorter walk: that it fails at all is what counts.
QUICK = settings(
    max_examples=200,
    stateful_step_count=60,
    deadline=None,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=tuple(HealthCheck),
)
#: Walks that are tried until one of them notices; what is drawn depends on the modules that are loaded, too.
WALKS = 8
#: Guards that can be taken away, each with what stands in its place.
LET: dict[str, Any] = {
    "projections.referral.rules.answer._own_deadline": lambda *_: None,
    "projections.referral.rules.answer._still_wanted": lambda *_: None,
    "projections.referral.rules.answer.covered": lambda *_: None,
    "projections.referral.rules.answer.in_force": lambda *_: None,
    "projections.referral.evolve._lasting": lambda offer, _: offer,
    "projections.referral.rules.guard.of_class": lambda *_: True,
    "projections.referral.rules.offer._room": lambda *_: None,
    "projections.referral.rules.offer._replaced": lambda *_: None,
    "projections.referral.rules.offer.in_force": lambda client, consent_id, _: client.consents[0],
    "projections.referral.endings._relying": lambda *_: (),
    "projections.referral.rules.need.speaking": lambda *_: (),
    "projections.referral.status.speaking": lambda offers, _: offers,
    "projections.referral.evolve._reindexed": lambda client, *_: client,
    "projections.referral.rules.guard.in_order": lambda *_: None,
    "projections.referral.changes.MOVING": frozenset(),
}


@pytest.mark.parametrize("guard", LET)
def test_a_guard_that_is_missing_is_noticed(guard: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, LET[guard])
    assert any(_notices(walk) for walk in range(WALKS))


def _notices(walk: int) -> bool:
    """Say whether this walk, the same each time, comes to something that may not be."""
    try:
        run_state_machine_as_test(seed(walk)(type(f"Walk{walk}", (Anything,), {})), settings=QUICK)
    except (AssertionError, LookupError):
        return True
    return False
