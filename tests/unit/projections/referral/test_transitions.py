"""Every fact in every state by every actor: the table is written down here a second time, by hand."""

from itertools import product
from typing import Any, get_args

import pytest

from events.catalogue import Event
from projections.referral import REFERRAL
from projections.referral.state import Client, Offer, OpenOffer, Referral
from projections.referral.transitions import MOVES, OPEN, Fact, Status, legal, step
from projections.ruling import APPLIED, Judgement, Refused
from tests.support.events import CONSENT, NOON, OFFER, SERVICE, Told, partner, system
from tests.support.events import REFERRAL as REFERRAL_ID
from tests.support.story import History

STATUSES: tuple[Status, ...] = get_args(Status)
#: In the order requested, accepted, in-progress, on-hold, completed, failed, rejected, cancelled; "=" stays, "-" is
#: refused.  Nothing at all may follow draft or entered-in-error.
COLUMNS: tuple[Status, ...] = (
    "requested",
    "accepted",
    "in-progress",
    "on-hold",
    "completed",
    "failed",
    "rejected",
    "cancelled",
)
EXPECTED: dict[str, str] = {
    "viewed": "viewed = = = = = = =",
    "fetched": "= = = = = = = =",
    "accepted": "accepted - - - - - - -",
    "declined": "declined - - - - - - -",
    "started": "- serving - serving - - - -",
    "delivered": "- served served served - - - -",
    "partly-delivered": "- partly-served partly-served partly-served - - - -",
    "not-delivered": "- not-served not-served not-served - - - -",
    "acknowledged": "- - - - = = = =",
    "consent-ended": "consent-revoked consent-revoked consent-revoked consent-revoked - - - -",
    "client-erased": "client-erased client-erased client-erased client-erased - - - -",
}
STATUS_OF = {
    "sent": "requested",
    "viewed": "requested",
    "accepted": "accepted",
    "declined": "rejected",
    "serving": "in-progress",
    "served": "completed",
    "partly-served": "completed",
    "not-served": "failed",
    "consent-revoked": "cancelled",
    "client-erased": "cancelled",
}
EVENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "viewed": ("referral.offer_viewed", {}),
    "fetched": ("referral.offer_viewed", {"by": "system"}),
    "accepted": ("referral.offer_accepted", {}),
    "declined": ("referral.offer_declined", {}),
    "started": ("referral.service_started", {}),
    "delivered": ("referral.outcome_recorded", {}),
    "partly-delivered": ("referral.outcome_recorded", {"outcome": "partly"}),
    "not-delivered": ("referral.outcome_recorded", {"outcome": "not-delivered", "reason": "no-show"}),
    "acknowledged": ("referral.outcome_acknowledged", {}),
}
ACTORS = {
    "sender": partner("clinic"),
    "recipient": partner("shelter"),
    "stranger": partner("school"),
    "link": "urn:manyhands:link:x",
    "clock": system("timekeeper"),
}


def expected(fact: str, status: Status) -> str:
    if status not in COLUMNS:
        return "-"
    return EXPECTED[fact].split()[COLUMNS.index(status)]


def history(status: Status) -> History:
    """Return a history that holds one offer in this state, whatever led there."""
    then = History(REFERRAL)
    offer = Offer(
        id=OFFER,
        recipient="shelter",
        service=SERVICE,
        status=status,
        detail="before",
        consent=CONSENT,
        purpose="coordination",
        data_classes=("contact",),
        respond_by=NOON,
        sent=NOON,
    )
    held = (OpenOffer(OFFER, REFERRAL_ID, SERVICE, "shelter", CONSENT),) if status in OPEN else ()
    client, referral = REFERRAL.needs(event("viewed", "recipient"))
    then.states[client] = Client(by="clinic", registered=NOON, last=NOON, open_offers=held)
    then.states[referral] = Referral(
        sender="clinic", taxonomy="t", need="shelter", urgency="soon", requested=NOON, last=NOON, offers=(offer,)
    )
    return then


def event(fact: str, actor: str) -> Event:
    name, data = EVENTS[fact]
    return Told()(name, source=ACTORS[actor], **data)


def ruled(fact: str, actor: str, status: Status) -> Judgement:
    """Return the ruling that the table written here leads to."""
    rightful = "sender" if fact == "acknowledged" else "recipient"
    if actor != rightful:
        return Refused("not-permitted" if rightful == "sender" else "not-your-offer")
    if expected(fact, status) != "-":
        return APPLIED
    names = ", ".join(legal(status, "before"))
    return Refused("illegal-transition", f"{status}; legal now: {names or 'nothing'}")


@pytest.mark.parametrize("fact", EVENTS)
def test_every_actor_in_every_state_gets_the_ruling_of_the_table(fact: str) -> None:
    for actor, status in product(ACTORS, STATUSES):
        then = history(status)
        before = dict(then.states)
        ruling = then.when(event(fact, actor))
        assert ruling == ruled(fact, actor, status), (actor, status)
        if isinstance(ruling, Refused):
            assert then.states == before
            continue
        offer = then.state("referral").offers[0]
        detail = expected(fact, status)
        after = (status, "before") if detail == "=" else (STATUS_OF[detail], detail)
        assert (offer.status, offer.detail) == after
        assert bool(then.state("client").open_offers) == (offer.status in OPEN)


@pytest.mark.parametrize("fact", EXPECTED)
def test_each_step_of_the_table_is_the_one_written_here(fact: Fact) -> None:
    for status in STATUSES:
        detail = expected(fact, status)
        after = step(fact, status, "before")
        if detail == "-":
            assert after is None
        else:
            assert after == ((status, "before") if detail == "=" else (STATUS_OF[detail], detail))


def test_an_offer_begins_by_being_sent() -> None:
    assert step("sent", None) == ("requested", "sent")
    assert [fact for fact in get_args(Fact) if step(fact, None)] == ["sent"]


def test_every_fact_has_a_row() -> None:
    assert {move.fact for move in MOVES} == set(get_args(Fact))


def test_what_is_legal_now_is_told_by_event() -> None:
    assert legal("requested", "sent") == (
        "referral.offer_viewed",
        "referral.offer_accepted",
        "referral.offer_declined",
    )
    assert legal("completed", "served") == ("referral.offer_viewed", "referral.outcome_acknowledged")
    assert legal("draft", "") == ()
