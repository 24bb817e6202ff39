"""What the timekeeper says follows from the offer's row alone, and is said twice as the same."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest

from services.admission.caller import System
from services.admission.context import Context, Draft
from services.admission.standing import Absence
from services.referral.store import SIDES, Held, Waiting
from services.referral.timekeeper.saying import timed, withdrawn
from tests.support.events import INITIATIVE, ident
from tests.support.scene import CLIENT, NOW, REFERRAL, context, drafted

DUE = NOW - timedelta(days=1)
SENT = DUE - timedelta(days=3)
OFFER = ident("offer")
KINDS = ("reminded", "escalated", "offer_expired", "cancel_confirmed", "withdrawn")
HELD = Held(CLIENT, REFERRAL, OFFER, SENT)
CLOCK = System(INITIATIVE, "timekeeper")


def waiting(kind: str = "offer_expired", due: datetime = DUE, sent: datetime = SENT) -> Waiting:
    return Waiting(CLIENT, REFERRAL, OFFER, kind, due, 0, sent)


def judged(row: bytes, scene: Context | None = None) -> Draft:
    return drafted(row, scene or context(CLOCK))


@pytest.mark.parametrize("kind", KINDS)
def test_admission_lets_it_in_as_what_the_offers_own_deadline_makes_it(kind: str) -> None:
    draft = judged(timed(waiting(kind)))
    data: dict[str, Any] = draft.parsed.data
    assert (draft.type, draft.subject, draft.record) == (f"org.manyhands.referral.{kind}.v1", REFERRAL, CLIENT)
    assert (data["offer_id"], datetime.fromisoformat(data["deadline"]), draft.parsed.time) == (OFFER, DUE, DUE)


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_the_same_whoever_says_it_and_however_late(kind: str) -> None:
    late = context(replace(CLOCK), now=NOW + timedelta(days=400))
    elsewhere = waiting(kind, DUE.astimezone(timezone(timedelta(hours=-6))))
    one, other = judged(timed(waiting(kind))), judged(timed(elsewhere), late)
    assert timed(waiting(kind)) == timed(elsewhere)
    assert (one.id, one.admitted["digest"]) == (other.id, other.admitted["digest"])


def test_every_deadline_of_every_offer_has_an_id_of_its_own() -> None:
    said = [waiting(kind, due) for kind in KINDS for due in (DUE, DUE + timedelta(microseconds=1))]
    said += [waiting()._replace(offer=ident("another")), waiting()._replace(referral=ident("another need"))]
    ids = [orjson.loads(timed(each))["id"] for each in said]
    assert len(set(ids)) == len(said)
    assert max(map(len, ids)) <= 128


def test_each_promise_is_asked_for_by_an_id_of_its_own_though_it_names_the_same_moment() -> None:
    for kind in ("reminded", "escalated"):
        said = [timed(waiting(kind)._replace(promise=promise)) for promise in (0, 1, 2, 10**9)]
        ids = [orjson.loads(each)["id"] for each in said]
        assert len(set(ids)) == len(said)
        assert max(map(len, ids)) <= 128


def test_a_promise_gives_no_other_id_to_what_is_said_once() -> None:
    for kind in ("offer_expired", "cancel_confirmed", "withdrawn"):
        assert timed(waiting(kind)) == timed(waiting(kind)._replace(promise=10**9))


def test_nothing_happens_to_an_offer_before_it_was_sent() -> None:
    sent = DUE + timedelta(hours=2)
    draft = judged(timed(waiting(sent=sent)))
    assert (draft.parsed.time, datetime.fromisoformat(draft.parsed.data["deadline"])) == (sent, DUE)


@pytest.mark.parametrize("how", ["left", "suspended"])
@pytest.mark.parametrize(("side", "who"), [("recipient", "partner"), ("sender", "sender")])
def test_offers_of_a_partner_that_is_gone_are_withdrawn_since_then(side: Any, who: str, how: Any) -> None:
    draft = judged(withdrawn(HELD, Absence(how, DUE), side))
    assert (draft.type, draft.parsed.time) == ("org.manyhands.referral.withdrawn.v1", DUE)
    assert draft.parsed.data == {"offer_id": OFFER, "reason": f"{who}-{how}"}
    assert withdrawn(HELD, Absence(how, DUE), side) == withdrawn(HELD, Absence(how, DUE.astimezone(UTC)), side)


def test_of_a_consent_that_ran_out_it_says_that() -> None:
    data: dict[str, Any] = judged(timed(waiting("withdrawn"))).parsed.data
    assert data["reason"] == "consent-expired"


def test_each_reason_for_a_withdrawal_and_each_time_that_somebody_is_gone_has_an_id_of_its_own() -> None:
    again = DUE + timedelta(microseconds=1)
    gone = [withdrawn(HELD, Absence("suspended", at), side) for at in (DUE, again) for side in SIDES]
    ids = [orjson.loads(each)["id"] for each in (*gone, timed(waiting("withdrawn")))]
    assert len(set(ids)) == len(ids) == 5
    assert max(map(len, ids)) <= 128


def test_its_own_codes_stand_whatever_the_initiative_publishes() -> None:
    scene = context(CLOCK)
    scene.standing.codelists["withdraw-reason"] = frozenset({"other"})
    for side in SIDES:
        judged(withdrawn(HELD, Absence("left", DUE), side), scene)
    judged(timed(waiting("withdrawn")), scene)
