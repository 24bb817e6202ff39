"""Scenes in which the clock speaks: one that is silent, or somebody who speaks for it, fails the demonstration."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.ops.demo.scenes import deadline, late, runsout
from services.ops.demo.scenes.clock import CLOCK
from services.ops.demo.scenes.desk import Offered
from services.ops.errors import DemoFailed

TURN = {"who": "sender", "events": ["referral.offer_sent"]}
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
SENDER = "urn:manyhands:partner:alder-clinic"


def said(name: str, source: str = CLOCK) -> dict[str, Any]:
    return {"type": f"referral.{name}", "source": source, "happened": AT}


STORY = [said("offer_sent", SENDER), *map(said, deadline.SAID)]


def test_a_deadline_is_told_by_whoever_said_it() -> None:
    told = deadline.told(STORY, TURN)
    assert ("offer expired", "due 02 March 09:00, said by the timekeeper") in told.lines


@pytest.mark.parametrize("missing", deadline.SAID)
def test_a_clock_that_is_silent_fails_the_demonstration(missing: str) -> None:
    with pytest.raises(DemoFailed, match="A deadline passes"):
        deadline.told([each for each in STORY if missing not in each["type"]], TURN)


def test_somebody_else_does_not_speak_for_the_clock() -> None:
    with pytest.raises(DemoFailed, match="spoke for the clock"):
        deadline.told([*STORY[:-1], said("offer_expired", SENDER)], TURN)


def yes(*then: str, source: str = CLOCK) -> list[dict[str, Any]]:
    """Return a timeline: a reminder of the answer, the yes, and what the clock said a day after."""
    before = {**said("reminded"), "happened": AT - timedelta(days=1)}
    later = [{**said(name, source), "happened": AT + timedelta(days=1)} for name in then]
    return [before, said("offer_accepted", "urn:manyhands:partner:birch-food-bank"), *later]


def test_what_was_promised_is_asked_for_and_its_sender_told() -> None:
    lines = deadline.late(yes("reminded", "escalated"))
    assert lines[-1] == ("sender told", "due 03 March 09:00, said by the timekeeper")


@pytest.mark.parametrize("found", [yes("reminded"), yes("escalated"), yes("reminded", "escalated", source="x"), []])
def test_a_promise_that_is_forgotten_fails_the_demonstration(found: list[dict[str, Any]]) -> None:
    with pytest.raises(DemoFailed, match="nothing had begun"):
        deadline.late(found)


LATE = [
    said("offer_sent", SENDER),
    said("offer_expired"),
    said("offer_claimed", "urn:manyhands:partner:alder-transport"),
]
MEMBER = {"role": "class-member", "client": None}
CLAIMED = late.Found(
    dict.fromkeys(late.CLASS.names, MEMBER),
    {name: {"role": "recipient"} if name == late.FIRST else {} for name in late.CLASS.names},
    dict.fromkeys(late.CLASS.names[1:], "offer-gone"),
)


def test_a_claim_after_the_deadline_is_shown_with_when_it_came() -> None:
    told = late.told(LATE, CLAIMED)
    assert ("expired", "due 02 March 09:00, said by the timekeeper") in told.lines
    assert ("claimed", "by alder-transport, 02 March 09:00: late, and it counts") in told.lines


@pytest.mark.parametrize(
    ("story", "changed", "why"),
    [
        ([LATE[0], LATE[2]], {}, "did not say that it expired"),
        ([LATE[0], LATE[2], LATE[1]], {}, "claimed in time"),
        (LATE, {"before": {**CLAIMED.before, "cedar-transport": {}}}, "cedar-transport could not claim"),
        (LATE, {"before": dict.fromkeys(late.CLASS.names, MEMBER | {"client": "a"})}, "learned whose need"),
        (LATE, {"after": dict.fromkeys(late.CLASS.names, MEMBER)}, "after the claim"),
        (LATE, {"heard": {"cedar-transport": "offer-expired"}}, "heard offer-expired last"),
    ],
)
def test_a_late_claim_that_nobody_may_make_or_hears_of_fails_the_demonstration(
    story: list[dict[str, Any]], changed: dict[str, Any], why: str
) -> None:
    with pytest.raises(DemoFailed, match=why):
        late.told(story, CLAIMED._replace(**changed))


ENDED = runsout.Found([said("offer_sent", SENDER), said("withdrawn")], "consent-expired", "offer-cancelled")
WAITS = runsout.Waits(Offered("a", "b"), Offered("c", "d"), 2, AT)
SHUT = "403 not-in-force"


def test_a_consent_that_runs_out_is_told_by_the_clock() -> None:
    told = runsout.told(dict.fromkeys((runsout.SILENT, runsout.TAKES), ENDED), WAITS, SHUT)
    assert ("both ended", "due 02 March 09:00, said by the timekeeper") in told.lines


@pytest.mark.parametrize(
    ("changed", "waits", "read", "why"),
    [
        ({"said": [said("withdrawn", SENDER)]}, {}, SHUT, "did not end what alder-shelter"),
        ({"stands": "accepted"}, {}, SHUT, "stands as accepted"),
        ({"heard": ""}, {}, SHUT, "the sender heard nothing"),
        ({"said": [said("withdrawn") | {"happened": AT + timedelta(days=1)}]}, {}, SHUT, "not when the consent did"),
        ({}, {"until": AT + timedelta(days=1)}, SHUT, "not when the consent did"),
        ({}, {"texts": 0}, SHUT, "could read nothing"),
        ({}, {}, "", "reads on: all of it"),
    ],
)
def test_what_goes_on_under_a_consent_that_ran_out_fails_the_demonstration(
    changed: dict[str, Any], waits: dict[str, Any], read: str, why: str
) -> None:
    found = {runsout.SILENT: ENDED, runsout.TAKES: ENDED._replace(**changed)}
    with pytest.raises(DemoFailed, match=why):
        runsout.told(found, WAITS._replace(**waits), read)
