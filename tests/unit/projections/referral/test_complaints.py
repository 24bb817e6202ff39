"""What people say of other systems, each shown not to be so here; `complaints.py` has the table of all of it."""

import ast
from pathlib import Path
from typing import Any, get_args

import pytest
from msgspec.structs import replace
from pydantic import ValidationError

from events.authority import Who
from events.referral import OfferSent
from projections.communication.notes import NOTES
from projections.measurement.counting import ticks
from projections.referral.facts import OfferEvent
from projections.referral.rules import OPENED
from projections.referral.transitions import MOVES
from projections.ruling import APPLIED, Refused
from tests.support.events import NOON, OFFER, SEALED, Told, ident, partner
from tests.unit.projections.communication.test_feed import OPENING, feed
from tests.unit.projections.referral.beginnings import (
    CLIENT_LINK,
    DUE,
    LATER,
    LINK,
    MINUTE,
    SOON,
    accepted,
    asked,
    offered,
    only,
    standing,
)
from tests.unit.projections.referral.complaints import COMPLAINTS

AGAIN: dict[str, Any] = {"offer_id": ident("b"), "service_id": ident("b"), "recipient": "pantry", "replaces": OFFER}
ROOT = Path(__file__).parents[4]
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
#: Tests of the table itself.
ABOUT = (
    "test_every_complaint_is_shown_by_a_test_that_is_there",
    "test_a_test_that_is_not_there_shows_nothing",
    "test_every_test_of_a_complaint_stands_in_the_table",
)
BOTH: dict[str, Any] = {"recipients": {"partners": ["shelter", "pantry"]}}


@pytest.mark.parametrize("ending", [("offer_recalled",), ("offer_accepted", "withdrawn"), ("offer_expired",)])
def test_withdrawn_is_not_done(ending: tuple[str, ...]) -> None:
    told = Told()
    then = offered(told).given(*(told(f"referral.{name}") for name in ending), told("referral.closed"))
    assert only(then).status == "cancelled"
    assert standing(then)[1] in ("closed-not-served", "closed-unknown")
    assert "served" not in {tick.measure for tick in ticks(then.state("referral"))}


def test_what_was_accepted_can_be_undone() -> None:
    told = Told()
    then = accepted(told).given(told("referral.cancel_requested"), told("referral.cancel_confirmed"))
    assert (only(then).status, only(then).detail, only(then).reason) == (
        "cancelled",
        "cancel-confirmed",
        "need-changed",
    )


@pytest.mark.parametrize("event", get_args(OfferEvent))
def test_only_the_two_sides_change_a_referral(event: Any) -> None:
    told = Told()
    then = accepted(told)
    before = dict(then.states)
    (full,) = get_args(event.model_fields["type"].annotation)
    name = full.removeprefix("org.manyhands.").removesuffix(".v1")
    refused = then.when(told(name, source=partner("stranger")))
    # Nor does anybody else hear that it is there.
    assert refused == (Refused("not-permitted") if event is OfferSent else Refused("unknown-subject", "offer"))
    assert then.states == before


async def test_the_sender_sees_who_looked() -> None:
    told = Told()
    looks = [told("referral.offer_viewed", by=by) for by in ("system", "link", "person")]
    (arrived, seen) = await feed([*map(told, OPENING), *looks])
    assert (seen["partner"], seen["kind"], seen["event"]) == ("clinic", "offer-viewed", looks[1].id)
    assert arrived["kind"] == "offer-arrived"
    offer = only(offered(told).given(*looks))
    assert (offer.views, offer.fetches, offer.viewed) == (2, 1, NOON)


def test_a_transfer_leaves_history_as_it_was() -> None:
    told = Told()
    then = asked(told, consent=BOTH).given(told("referral.offer_sent"), told("referral.offer_accepted"))
    then.given(told("referral.withdrawn"))
    first, counted = then.state("referral").offers[0], ticks(then.state("referral"))
    then.given(told("referral.offer_sent", **AGAIN))
    assert then.state("referral").offers[0] == first
    assert counted < ticks(then.state("referral"))


def test_whoever_accepts_serves_the_client_and_the_past_stays() -> None:
    told = Told()
    then = offered(told)
    assert then.state("client").serving == ()
    need = told("referral.requested", subject=ident("its own need"), source=partner("shelter"))
    assert then.when(need) == Refused("not-permitted")
    then.given(told("referral.offer_accepted"), need)
    client = then.state("client")
    assert (client.by, client.serving) == ("clinic", ("shelter",))


def test_whatever_a_recipient_does_its_sender_hears() -> None:
    answering = {Who.RECIPIENT, Who.LINK, Who.CLASS_MEMBER}
    said = {move.fact for move in MOVES for name in move.events if answering & set(move.told_by(name))}
    # A fetch by a system is no act, and that the client was asked is told by the answer.
    for fact in said - {"fetched", "client-asked", "consent-ended"}:
        assert "sender" in {note.to for note in NOTES[fact]}, fact


def test_no_request_stays_open_for_ever() -> None:
    told = Told()
    with pytest.raises(ValidationError):
        told("referral.offer_sent", respond_by=None)
    then = offered(told).given(told("referral.offer_expired", deadline=DUE))
    assert (only(then).detail, then.state("client").open_offers) == ("expired-no-response", ())
    assert then.when(told("referral.offer_sent", offer_id=ident("b"))) == APPLIED


def test_nobody_is_stuck_behind_anothers_request() -> None:
    told = Told()
    then = accepted(told)
    then.now = OPENED
    other: dict[str, Any] = {"source": partner("shelter"), "subject": ident("another need")}
    then.given(told("referral.requested", **other))
    then.given(told("referral.offer_sent", **other, offer_id=ident("b")))
    then.given(told("referral.offer_sent", **other, offer_id=ident("c"), service_id=ident("another service")))
    assert len(then.state("client").open_offers) == 3


def test_what_goes_outside_is_known_and_kept_apart() -> None:
    told = Told()
    outside: dict[str, Any] = {"subject": ident("outside"), "sector": "health"}
    then = asked(told).given(told("referral.handoff_reported", **outside))
    (referral,) = (state for key, state in then.states.items() if key.id == ident("outside"))
    assert referral.handoff.sector == "health"
    assert ticks(referral) == set()


@pytest.mark.parametrize(("policy", "attempts", "ruling"), [(0, 0, APPLIED), (5, 4, Refused("too-few-attempts"))])
def test_how_often_to_try_is_the_services_policy(policy: int, attempts: int, ruling: Any) -> None:
    told = Told()
    then = offered(told, admitted={"min_attempts": policy}).given(told("referral.offer_accepted"))
    gone = {"outcome": "not-delivered", "reason": "unable-to-contact", "outputs": [], "attempts": attempts}
    assert then.when(told("referral.outcome_recorded", **gone)) == ruling


@pytest.mark.parametrize("name", ["offer_declined", "withdrawn", "offer_recalled", "cancel_requested", "put_on_hold"])
def test_a_decline_has_a_reason(name: str) -> None:
    with pytest.raises(ValidationError):
        Told()(f"referral.{name}", reason=None)


def test_an_illegal_step_is_refused_with_what_is_legal() -> None:
    told = Told()
    refused = offered(told).when(told("referral.outcome_recorded"))
    assert isinstance(refused, Refused)
    assert refused.code == "illegal-transition"
    assert refused.detail is not None
    assert refused.detail.startswith("requested; legal now: ")
    assert "referral.offer_accepted" in refused.detail


def test_deleting_the_exit_opens_the_episode_again() -> None:
    told = Told()
    own: dict[str, Any] = {"source": partner("clinic")}
    left = told("episode.exited", **own)
    then = asked(told).given(told("episode.enrolled", **own), left)
    assert then.state("episode").exited == NOON
    then.given(told("episode.entered_in_error", **own, causationid=left.id), told("episode.service_delivered", **own))
    assert (then.state("episode").exited, then.state("episode").services) == (None, 1)


def test_what_was_sent_stays_as_it_was_sent() -> None:
    told = Told()
    then = offered(told, data_classes=["contact", "need"], admitted={"min_attempts": 2})
    sent = only(then)
    then.given(
        told("consent.granted", consent_id=ident("wider"), data_classes=["contact", "need", "health"]),
        told("consent.narrowed", consent_id=ident("wider"), data_classes=["contact"]),
        told("referral.offer_accepted"),
    )
    assert only(then) == replace(sent, status="accepted", detail="accepted", responded=NOON, accepted=NOON, promises=1)


def test_a_need_may_take_several_attempts() -> None:
    told = Told()
    then = asked(told, consent=BOTH).given(told("referral.offer_sent"), told("referral.offer_declined"))
    assert standing(then) == ("in-progress", "open")
    then.given(told("referral.offer_sent", **AGAIN))
    assert [offer.replaces for offer in then.state("referral").offers] == [None, OFFER]
    assert then.row("referral")["offers"] == 2


def test_reopening_and_deleting_leave_a_trail() -> None:
    told = Told()
    then = asked(told, consent=BOTH).given(told("referral.offer_sent"), told("referral.offer_declined"))
    then.given(told("referral.closed"), told("referral.offer_sent", **AGAIN, details=SEALED))
    assert standing(then) == ("requested", "open")
    # It sees its own offer, and not the one before it.
    foreign = then.when(told("referral.entered_in_error", source=partner("pantry")))
    assert foreign == Refused("unknown-subject", "offer")
    then.given(told("referral.entered_in_error", note=SEALED))
    deleted, reopened = then.state("referral").offers
    assert (deleted.detail, deleted.reason, reopened.status) == ("in-error", "wrong-client", "requested")


def test_cancelled_is_a_state_with_a_reason() -> None:
    told = Told()
    row = offered(told).given(told("referral.offer_recalled")).row("referral")
    assert (row["detail"], row["reason"], row["closed_at"]) == ("recalled", "sent-by-mistake", NOON)


def test_accepting_beginning_and_serving_are_three_things() -> None:
    told = Told()
    then, stands = accepted(told), []
    for name in ("contact_attempted", "service_started", "outcome_recorded"):
        stands.append((only(then).status, only(then).detail, standing(then)[1]))
        then.given(told(f"referral.{name}"))
    assert stands == [
        ("accepted", "accepted", "open"),
        ("accepted", "contacting", "open"),
        ("in-progress", "serving", "open"),
    ]
    assert standing(then) == ("completed", "closed-served")


async def test_stale_referrals_are_chased_by_events() -> None:
    told = Told()
    looked_up = {"remind_at": SOON.isoformat(), "escalate_at": LATER.isoformat()}
    opening = [*map(told, OPENING[:-1]), told("referral.offer_sent", admitted=looked_up)]
    timed = [told("referral.reminded", deadline=SOON), told("referral.escalated", deadline=LATER)]
    _, *rows = await feed([*opening, *timed, told("referral.offer_expired", deadline=DUE)])
    assert [(row["partner"], row["kind"]) for row in rows] == [
        ("shelter", "reminder"),
        ("clinic", "no-answer-yet"),
        ("clinic", "offer-expired"),
        ("shelter", "offer-expired"),
    ]


def test_the_last_write_does_not_win() -> None:
    told = Told()
    then = accepted(told).given(told("referral.outcome_recorded"))
    before = dict(then.states)
    late = told("referral.outcome_recorded", outcome="not-delivered", reason="no-show", outputs=[])
    refused = then.when(late)
    assert isinstance(refused, Refused)
    assert refused.code == "illegal-transition"
    early = {"admitted": {"backfill": ident("backfill")}, "time": NOON - MINUTE}
    assert then.when(told("referral.outcome_corrected", **early)) == Refused("out-of-order")
    assert then.states == before


def test_an_answer_needs_no_account() -> None:
    told = Told()
    link: dict[str, Any] = {"source": LINK, "admitted": {"on_behalf": "shelter"}}
    names = ("offer_viewed", "offer_accepted", "outcome_recorded")
    then = offered(told).given(*(told(f"referral.{name}", **link) for name in names))
    assert (only(then).status, only(then).recipient) == ("completed", "shelter")
    assert then.state("client").serving == ("shelter",)


def test_the_client_can_stop_it() -> None:
    told = Told()
    then = accepted(told).given(told("referral.client_answered", stop_sharing=True, source=CLIENT_LINK))
    assert (only(then).detail, then.state("client").consents[0].ended) == ("consent-revoked", "revoked")


def test_an_enrolment_elsewhere_closes_nothing() -> None:
    """Neither by the recipient of another offer nor by who registered them: an enrolment names no need."""
    told = Told()
    then = offered(told)
    then.given(told("episode.enrolled", source=partner("clinic")))
    assert (standing(then), only(then).status) == (("requested", "open"), "requested")
    then.given(told("referral.offer_recalled"), told("referral.closed", disposition="need-met-elsewhere"))
    assert standing(then) == ("cancelled", "closed-not-served")


def test_who_was_enrolled_by_an_offer_has_its_loop_closed() -> None:
    told = Told()
    then = accepted(told).given(told("episode.enrolled", source=partner("shelter")))
    assert standing(then) == ("accepted", "open")
    then.given(told("referral.outcome_recorded", outputs=[{"kind": "enrolment"}]))
    assert standing(then) == ("completed", "closed-served")


def test_a_decline_stands_by_one_persons_word_and_its_sender_may_ask_again() -> None:
    told = Told()
    then = asked(told, consent=BOTH).given(told("referral.offer_sent"))
    then.given(told("referral.offer_declined", suggested_partners=["pantry"], note=SEALED))
    assert (only(then).status, only(then).reason) == ("rejected", "no-capacity")
    again = AGAIN | {"recipient": "shelter"}
    then.given(told("referral.offer_sent", **again))
    assert [offer.status for offer in then.state("referral").offers] == ["rejected", "requested"]


@pytest.mark.parametrize(
    ("endings", "stands", "reason"),
    [
        (("offer_recalled",), ("in-progress", "open"), "sent-by-mistake"),
        (("offer_accepted", "cancel_requested", "cancel_confirmed"), ("in-progress", "open"), "need-changed"),
        (("offer_accepted", "withdrawn"), ("in-progress", "open"), "staff-shortage"),
    ],
)
def test_cancelling_an_offer_moves_its_referral_and_keeps_the_reason(
    endings: tuple[str, ...], stands: tuple[str, str], reason: str
) -> None:
    told = Told()
    then = offered(told).given(*(told(f"referral.{name}") for name in endings))
    assert (only(then).status, only(then).reason, standing(then)) == ("cancelled", reason, stands)
    then.given(told("referral.closed"))
    assert standing(then) == ("cancelled", "closed-not-served")


def those_in(file: str) -> set[str]:
    """Return the names of the tests that a file defines; none where it is not there."""
    path = ROOT / file
    tree = ast.parse(path.read_text("utf-8") if path.is_file() else "")
    return {each.name for each in ast.walk(tree) if isinstance(each, FUNCTIONS) and each.name.startswith("test_")}


def lacking(named: str) -> bool:
    """Say whether there is no such test, or no test at all in the file."""
    file, _, name = named.partition("::")
    found = those_in(file)
    return name not in found if name else not found


@pytest.mark.parametrize("said", COMPLAINTS)
def test_every_complaint_is_shown_by_a_test_that_is_there(said: str) -> None:
    assert COMPLAINTS[said]
    assert [named for named in COMPLAINTS[said] if lacking(named)] == []


def test_a_test_that_is_not_there_shows_nothing() -> None:
    """Negative control: a name that nobody defines, a file that is gone, and one without tests are all found out."""
    here = "tests/unit/projections/referral/"
    assert all(map(lacking, (f"{here}test_links.py::test_no_such", f"{here}test_gone.py", f"{here}world.py")))


def test_every_test_of_a_complaint_stands_in_the_table() -> None:
    named = {each for tests in COMPLAINTS.values() for each in tests}
    files = ("tests/unit/projections/referral/test_complaints.py", "tests/integration/gateway/test_complaints.py")
    there = {f"{file}::{name}" for file in files for name in those_in(file)} - {f"{files[0]}::{name}" for name in ABOUT}
    assert there <= named
