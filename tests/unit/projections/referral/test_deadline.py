"""What an open offer waits for next, and that its row is written when that changes and never else."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from msgspec.structs import replace

from events.catalogue import Event
from projections.projection import At, Entry, Row
from projections.record import Partition
from projections.referral import REFERRAL
from projections.referral.deadline import DEADLINE, Deadlines
from projections.referral.rules import DESERTED, OPENED
from projections.referral.state import Referral
from projections.ruling import APPLIED
from tests.support.events import NOON, OFFER, RECIPIENT, Told, ident, system
from tests.support.events import REFERRAL as REFERRAL_ID
from tests.support.story import History

DAY = timedelta(days=1)
REMIND, ESCALATE, RESPOND, EXPECTED = (NOON + days * DAY for days in (1, 2, 3, 9))
DUES = {"remind_at": REMIND.isoformat(), "escalate_at": ESCALATE.isoformat()}
AT = At(Partition("a-topic", 0), 0, NOON, NOON)


class Waiting(History):
    """A history that keeps the view's rows, as their table would."""

    def __init__(self, at: datetime) -> None:
        super().__init__(REFERRAL, at)
        self.rows: dict[Row, Row] = {}
        #: How often each event wrote a row.
        self.written: list[int] = []

    def when(self, event: Event) -> Any:
        before = dict(self.states)
        ruling = super().when(event)
        changed = {key: state for key, state in self.states.items() if before.get(key) is not state}
        rows = tuple(Deadlines().rows(Entry(event, APPLIED, AT, changed, before)))
        self.rows |= {row[:4]: row for row in rows}
        self.written.append(len(rows))
        return ruling

    def senders(self) -> list[str | None]:
        """Who asked what nobody has answered."""
        return [row[DEADLINE.place("sender")] for row in self.rows.values()]

    def promise(self) -> int:
        """The number of the promise that what is due follows."""
        [row] = self.rows.values()
        return int(row[DEADLINE.place("promise")])

    def waits(self) -> tuple[str | None, datetime | None, str | None]:
        """What is due of the one offer, when, and of whom."""
        [row] = self.rows.values()
        kind, due, recipient = (row[DEADLINE.place(name)] for name in ("kind", "due", "recipient"))
        return kind, due, recipient


def sent(told: Told, **said: Any) -> Event:
    return told("referral.offer_sent", respond_by=RESPOND.isoformat(), **{"admitted": DUES, **said})


def asked(told: Told, at: datetime = NOON, **said: Any) -> Waiting:
    return Waiting(at).given(
        told("client.registered"), told("consent.granted"), told("referral.requested"), sent(told, **said)
    )


def agreed(told: Told, until: datetime) -> Waiting:
    """Return what waits where the person agreed until then."""
    consent = told("consent.granted", expires_at=until.isoformat())
    return Waiting(NOON).given(told("client.registered"), consent, told("referral.requested"), sent(told))


def timed(told: Told, name: str, deadline: datetime) -> Event:
    return told(f"referral.{name}", deadline=deadline.isoformat())


def test_an_unanswered_offer_is_reminded_of_escalated_and_expires() -> None:
    told = Told()
    then = asked(told)
    assert then.waits() == ("reminded", REMIND, RECIPIENT)
    then.given(timed(told, "reminded", REMIND))
    assert then.waits() == ("escalated", ESCALATE, RECIPIENT)
    then.given(timed(told, "escalated", ESCALATE))
    assert then.waits() == ("offer_expired", RESPOND, RECIPIENT)
    then.given(timed(told, "offer_expired", RESPOND))
    assert then.waits() == (None, None, None)


def test_without_reminders_an_offer_waits_for_its_end_alone() -> None:
    assert asked(Told(), admitted={}).waits() == ("offer_expired", RESPOND, RECIPIENT)


def test_a_taken_offer_is_reminded_of_once_for_each_estimate() -> None:
    told = Told()
    then = asked(told).given(told("referral.offer_accepted", expected_by=EXPECTED.isoformat()))
    assert then.waits() == ("reminded", EXPECTED, RECIPIENT)
    then.given(timed(told, "reminded", EXPECTED))
    assert then.waits() == (None, None, RECIPIENT)
    later = EXPECTED + DAY
    then.given(told("referral.waitlisted", expected_by=later.isoformat()))
    assert then.waits() == ("reminded", later, RECIPIENT)
    then.given(timed(told, "reminded", later), told("referral.waitlisted", expected_by=EXPECTED.isoformat()))
    assert then.waits() == ("reminded", EXPECTED, RECIPIENT)
    then.given(timed(told, "reminded", EXPECTED))
    assert then.waits() == (None, None, RECIPIENT)
    assert then.promise() == 3


def starting(by: datetime, late: datetime) -> dict[str, Any]:
    return {"admitted": {"starting": [{"start_by": by, "escalate_at": late}]}}


def test_a_taken_offer_is_reminded_of_and_then_its_sender_told() -> None:
    told = Told()
    then = asked(told).given(told("referral.offer_accepted", **starting(EXPECTED, EXPECTED + DAY)))
    assert then.waits() == ("reminded", EXPECTED, RECIPIENT)
    then.given(timed(told, "reminded", EXPECTED), told("referral.put_on_hold"))
    assert then.waits() == ("escalated", EXPECTED + DAY, RECIPIENT)
    then.given(timed(told, "escalated", EXPECTED + DAY))
    assert then.waits() == (None, None, RECIPIENT)


def test_each_promise_is_asked_for_whatever_was_said_before_it() -> None:
    """A day that lies before what was reminded of, or on it, is one that its recipient named afterwards."""
    for days in (-1, 0, 1):
        told, by, late = Told(), REMIND + days * DAY, ESCALATE + days * DAY
        then = asked(told).given(timed(told, "reminded", REMIND), timed(told, "escalated", ESCALATE))
        assert then.promise() == 0
        then.given(told("referral.offer_accepted", **starting(by, late)))
        assert (*then.waits(), then.promise()) == ("reminded", by, RECIPIENT, 1)
        then.given(timed(told, "reminded", by))
        assert then.waits() == ("escalated", late, RECIPIENT)
        then.given(timed(told, "escalated", late))
        assert then.waits() == (None, None, RECIPIENT)


def test_what_a_class_was_reminded_of_silences_no_claim() -> None:
    told = Told()
    then = asked(told, OPENED, recipient=None, to_class="shelter", admitted=DUES | {"class_members": [RECIPIENT]})
    then.given(timed(told, "reminded", REMIND), timed(told, "escalated", ESCALATE))
    looked_up = {"recipient_classes": ["shelter"], "programme_class": "general", "protected": False}
    then.given(told("referral.offer_claimed", admitted=looked_up | starting(NOON, NOON + DAY)["admitted"]))
    assert then.waits() == ("reminded", NOON, RECIPIENT)


def test_a_later_estimate_moves_both_and_one_that_returns_is_said_again() -> None:
    told, late = Told(), EXPECTED + 4 * DAY
    then = asked(told).given(
        told("referral.offer_accepted", **starting(EXPECTED, EXPECTED + DAY)),
        timed(told, "reminded", EXPECTED),
        timed(told, "escalated", EXPECTED + DAY),
        told("referral.waitlisted", **starting(late, late + DAY)),
    )
    assert then.waits() == ("reminded", late, RECIPIENT)
    then.given(told("referral.waitlisted", **starting(EXPECTED, EXPECTED + DAY)))
    assert then.waits() == ("reminded", EXPECTED, RECIPIENT)
    then.given(timed(told, "reminded", EXPECTED))
    assert then.waits() == ("escalated", EXPECTED + DAY, RECIPIENT)


def test_a_service_that_started_is_not_reminded_of() -> None:
    told = Told()
    accepted = told("referral.offer_accepted", expected_by=EXPECTED.isoformat())
    then = asked(told).given(accepted, told("referral.service_started"))
    assert then.waits() == (None, None, RECIPIENT)


def test_a_cancellation_waits_for_its_confirmation_and_for_nothing_else() -> None:
    told, confirm = Told(), NOON + 5 * DAY
    then = asked(told).given(
        told("referral.offer_accepted", expected_by=EXPECTED.isoformat()),
        told("referral.cancel_requested", admitted={"confirm_by": confirm.isoformat()}),
    )
    assert then.waits() == ("cancel_confirmed", confirm, RECIPIENT)
    then.given(timed(told, "cancel_confirmed", confirm))
    assert then.waits() == (None, None, None)


def test_a_late_acceptance_opens_it_anew() -> None:
    told = Told()
    then = asked(told).given(timed(told, "offer_expired", RESPOND))
    then.given(told("referral.offer_accepted", expected_by=EXPECTED.isoformat()))
    assert then.waits() == ("reminded", EXPECTED, RECIPIENT)


@pytest.mark.parametrize("end", ["consent.revoked", "client.erased"])
def test_what_ends_from_elsewhere_is_due_no_more(end: str) -> None:
    told = Told()
    then = asked(told).given(told(end))
    assert then.waits() == (None, None, None)


def test_the_end_of_its_consent_comes_before_what_comes_later_or_at_once() -> None:
    told = Told()
    for ends, first in ((RESPOND, "reminded"), (REMIND, "withdrawn")):
        assert agreed(told, ends).waits()[0] == first
    then = agreed(told, RESPOND).given(timed(told, "reminded", REMIND), timed(told, "escalated", ESCALATE))
    assert then.waits() == ("withdrawn", RESPOND, RECIPIENT)
    then.given(told("referral.offer_accepted", expected_by=EXPECTED.isoformat()))
    assert then.waits() == ("withdrawn", RESPOND, RECIPIENT)
    then.given(told("referral.outcome_recorded"))
    assert then.waits() == (None, None, None)


def test_a_service_at_work_waits_for_the_end_of_its_consent_alone() -> None:
    told = Told()
    then = agreed(told, EXPECTED).given(told("referral.offer_accepted"), told("referral.service_started"))
    assert then.waits() == ("withdrawn", EXPECTED, RECIPIENT)


def test_narrowing_moves_the_deadlines_of_what_is_open_under_that_consent() -> None:
    told = Told()
    then = agreed(told, EXPECTED).given(told("consent.narrowed", expires_at=REMIND.isoformat()))
    assert then.waits() == ("withdrawn", REMIND, RECIPIENT)
    assert then.written[-1] == 1
    then.given(told("consent.narrowed", expires_at=REMIND.isoformat()))
    assert then.written[-1] == 0


def test_who_asked_is_kept_as_long_as_nobody_has_answered() -> None:
    told = Told()
    then = asked(told)
    assert then.senders() == ["clinic"]
    then.given(told("referral.offer_accepted"))
    assert then.senders() == [None]
    assert asked(told, OPENED, recipient=None, to_class="shelter").senders() == ["clinic"]


AGAIN = {"offer_id": ident("again"), "service_id": ident("again")}
IN_ERROR: dict[str, Any] = {"offer_id": AGAIN["offer_id"]}


@pytest.mark.parametrize(
    ("ends", "left"),
    [
        ((), "clinic"),
        ((("referral.offer_sent", {**AGAIN, "replaces": OFFER}),), None),
        ((("referral.offer_sent", {**AGAIN, "replaces": OFFER}), ("referral.entered_in_error", IN_ERROR)), "clinic"),
        ((("referral.offer_sent", AGAIN),), "clinic"),
        ((("referral.closed", {}),), None),
        ((("referral.offer_accepted", {}),), None),
        ((("referral.entered_in_error", {}),), None),
        ((("referral.withdrawn", {"reason": "sender-left", "source": system("timekeeper")}),), None),
    ],
)
def test_and_of_what_ran_out_while_a_late_answer_is_awaited(ends: Any, left: str | None) -> None:
    told = Told()
    then = asked(told, DESERTED).given(timed(told, "offer_expired", RESPOND))
    then.given(*(told(name, **said) for name, said in ends))
    assert then.senders()[0] == left


def test_what_waits_for_a_late_answer_is_written_when_that_changes_and_never_else() -> None:
    told = Told()
    then = asked(told, DESERTED).given(timed(told, "offer_expired", RESPOND), told("referral.offer_sent", **AGAIN))
    said = {"offer_id": AGAIN["offer_id"]}
    then.given(told("referral.offer_declined", **said), told("referral.outcome_acknowledged", **said))
    assert then.written[-4:] == [1, 1, 1, 0]
    then.given(told("referral.closed"))
    assert then.written[-1] == 1


def test_a_sender_that_gives_up_leaves_none_of_it_though_the_offer_itself_stays_the_same() -> None:
    told = Told()
    then = asked(told, DESERTED).given(timed(told, "offer_expired", RESPOND))
    [(key, before)] = [each for each in then.states.items() if each[0].kind == "referral"]
    given_up = {key: replace(cast(Referral, before), closed=NOON)}
    [row] = Deadlines().rows(Entry(told("referral.closed"), APPLIED, AT, given_up, {key: before}))
    assert row[DEADLINE.place("sender")] is None


def test_two_referrals_may_call_an_offer_the_same() -> None:
    told, other = Told(), ident("another need")
    then = asked(told).given(
        told("referral.requested", subject=other), sent(told, subject=other, service_id=ident("another service"))
    )
    assert {row[2:4] for row in then.rows.values()} == {(REFERRAL_ID, OFFER), (other, OFFER)}


def test_nobody_is_asked_by_name_of_an_offer_to_a_class() -> None:
    told = Told()
    then = asked(told, OPENED, recipient=None, to_class="shelter")
    assert then.waits() == ("reminded", REMIND, None)


def test_other_events_write_nothing() -> None:
    told = Told()
    then = asked(told).given(
        told("referral.offer_viewed"),
        told("referral.offer_accepted"),
        told("referral.contact_attempted"),
        told("referral.service_started"),
        told("referral.outcome_recorded"),
        told("referral.outcome_acknowledged"),
    )
    assert list(_named(then.written)) == [3, 5, 8]


def _named(written: list[int]) -> Iterator[int]:
    return (place for place, rows in enumerate(written) if rows)


def test_what_is_asked_today_on_a_referral_from_history_is_timed_as_any_other() -> None:
    told, loaded = Told(), {"backfill": ident("backfill")}
    begun = [told(name, admitted=loaded) for name in ("client.registered", "consent.granted", "referral.requested")]
    old = told("referral.offer_sent", offer_id=ident("old"), service_id=ident("old"), admitted=loaded)
    then = Waiting(NOON).given(*begun, old, sent(told))
    held = {row[DEADLINE.place("offer")]: row[DEADLINE.place("backfilled")] for row in then.rows.values()}
    assert held == {ident("old"): True, OFFER: False}
    assert then.state("referral").backfilled
