"""Every fact about an offer that was sent, in every state by every actor; `test_matrix.py` has the others."""

from itertools import product
from typing import Any, get_args

import pytest

from events.authority import AUTHORITY, Who
from events.catalogue import NAMES, Event
from projections.referral import REFERRAL
from projections.referral.facts import OfferEvent
from projections.referral.rules import DESERTED
from projections.referral.state import Client, Consent, Offer, OpenOffer, Referral
from projections.referral.transitions import MOVES, OPEN, Fact, Status, legal, step
from projections.ruling import APPLIED, Judgement, Refused
from tests.support.events import CONSENT, NOON, OFFER, SERVICE, Told, partner, system
from tests.support.events import REFERRAL as REFERRAL_ID
from tests.support.story import History
from tests.unit.projections.referral.table import EXPECTED, STANDS, Stand, expected

DUE = "2026-03-09T12:00:00Z"
EVENTS: dict[Fact, tuple[str, dict[str, Any]]] = {
    "recalled": ("referral.offer_recalled", {}),
    "viewed": ("referral.offer_viewed", {}),
    "fetched": ("referral.offer_viewed", {"by": "system"}),
    "accepted": ("referral.offer_accepted", {}),
    "claimed": (
        "referral.offer_claimed",
        {"admitted": {"recipient_classes": ["shelter"], "programme_class": "general", "protected": False}},
    ),
    "declined": ("referral.offer_declined", {}),
    "expired": ("referral.offer_expired", {"deadline": DUE}),
    "reminded": ("referral.reminded", {"deadline": DUE}),
    "escalated": ("referral.escalated", {"deadline": DUE}),
    "contacted": ("referral.contact_attempted", {}),
    "started": ("referral.service_started", {}),
    "waitlisted": ("referral.waitlisted", {}),
    "held": ("referral.put_on_hold", {}),
    "resumed": ("referral.resumed", {}),
    "delivered": ("referral.outcome_recorded", {}),
    "partly-delivered": ("referral.outcome_recorded", {"outcome": "partly"}),
    "not-delivered": ("referral.outcome_recorded", {"outcome": "not-delivered", "reason": "no-show"}),
    "heard": ("referral.outcome_reported_by_sender", {}),
    "cancel-asked": ("referral.cancel_requested", {}),
    "cancelled": ("referral.cancel_confirmed", {"deadline": DUE}),
    "withdrawn": ("referral.withdrawn", {}),
    "acknowledged": ("referral.outcome_acknowledged", {}),
    "client-asked": ("referral.client_asked", {}),
    "client-answered": ("referral.client_answered", {}),
    "corrected-to-delivered": (
        "referral.outcome_corrected",
        {"outcome": "delivered", "outputs": [{"kind": "goods"}]},
    ),
    "corrected-to-partly": ("referral.outcome_corrected", {"outcome": "partly", "outputs": [{"kind": "goods"}]}),
    "corrected-to-not-delivered": ("referral.outcome_corrected", {}),
    "entered-in-error": ("referral.entered_in_error", {}),
}
LINK = "urn:manyhands:link:x"
ACTORS = {
    "sender": partner("clinic"),
    "recipient": partner("shelter"),
    "stranger": partner("school"),
    "link": LINK,
    "foreign-link": "urn:manyhands:link:y",
    "client": "urn:manyhands:client-link:x",
    "clock": system("timekeeper"),
    "vault": system("vault"),
}
_ANSWERING = frozenset({"recipient", "link"})
_SENDER = frozenset({"sender"})
#: Who may say each fact, written down here and not taken from the table that rules read.
MAY: dict[Fact, frozenset[str]] = {
    **dict.fromkeys(EVENTS, _ANSWERING),
    **dict.fromkeys(("recalled", "heard", "cancel-asked", "acknowledged", "entered-in-error"), _SENDER),
    # The class that the offer was made to is one that the recipient belongs to; nobody else claims.
    "claimed": frozenset({"recipient"}),
    **dict.fromkeys(("expired", "reminded", "escalated"), frozenset({"clock"})),
    "client-asked": frozenset({"sender", "recipient"}),
    "client-answered": frozenset({"sender", "recipient", "client"}),
}
#: What the same event means where the clock says it, by the reason that it gives.
BY_CLOCK: dict[Fact, tuple[Fact, str, dict[str, Any]]] = {
    "recipient-left": ("withdrawn", "referral.withdrawn", {"reason": "partner-left"}),
    "sender-left": ("withdrawn", "referral.withdrawn", {"reason": "sender-left"}),
    "consent-expired": ("withdrawn", "referral.withdrawn", {"reason": "consent-expired", "deadline": DUE}),
    "cancel-unanswered": ("cancelled", "referral.cancel_confirmed", {"deadline": DUE}),
}
#: What the clock says in its own way; of whoever is gone for the time being the reason is another.
SAID_BY_CLOCK = frozenset(said for said, _, _ in BY_CLOCK.values())
#: The code for everybody else that may know of the offer; for whoever may not, there is none.
TOLD: dict[Fact, str] = {
    fact: "not-your-offer"
    if may & {"recipient"} and fact not in ("client-asked", "client-answered")
    else "not-permitted"
    for fact, may in MAY.items()
}


def history(fact: Fact, stand: Stand) -> History:
    """Return a history that holds one offer standing so, whatever led there."""
    then = History(REFERRAL)
    claimed = fact == "claimed"
    offer = Offer(
        id=OFFER,
        recipient="" if claimed else "shelter",
        to_class="shelter" if claimed else None,
        members=("shelter",) if claimed else (),
        service=SERVICE,
        status=stand.status,
        detail=stand.detail,
        consent=CONSENT,
        consent_until=NOON.replace(day=9),
        purpose="coordination",
        data_classes=("contact",),
        respond_by=NOON.replace(day=9),
        remind_at=NOON.replace(day=9),
        escalate_at=NOON.replace(day=9),
        start_by=NOON.replace(day=9),
        late_at=NOON.replace(day=9),
        confirm_by=NOON.replace(day=9),
        sent=NOON,
    )
    held = (OpenOffer(OFFER, REFERRAL_ID, SERVICE, "shelter", CONSENT),) if stand.status in OPEN else ()
    consent = Consent(
        id=CONSENT,
        partners=("shelter",),
        purposes=("coordination",),
        data_classes=("contact",),
        redisclosure="none",
        valid_from=NOON.replace(year=2025),
    )
    client, referral = REFERRAL.needs(event("viewed", "recipient"))
    then.states[client] = Client(by="clinic", registered=NOON, last=NOON, open_offers=held, consents=(consent,))
    then.states[referral] = Referral(
        sender="clinic", taxonomy="t", need="shelter", urgency="soon", requested=NOON, last=NOON, offers=(offer,)
    )
    return then


def event(fact: Fact, actor: str) -> Event:
    name, data = EVENTS[fact]
    admitted = {**data.get("admitted", {})}
    if actor == "link":
        admitted["on_behalf"] = "shelter"
    if actor in ("sender", "stranger") and fact == "claimed":
        admitted["recipient_classes"] = ["school"]
    return Told()(name, source=ACTORS[actor], **{**data, "admitted": admitted})


def ruled(fact: Fact, actor: str, stand: Stand) -> Judgement:
    """Return the ruling that the tables written here lead to."""
    if actor == "stranger":
        return Refused("unknown-subject", "offer")
    if actor not in MAY[fact]:
        return Refused(TOLD[fact])
    if expected(fact, stand) is None:
        names = ", ".join(legal(stand.status, stand.detail, AUTHORITY[NAMES[EVENTS[fact][0]]].who))
        return Refused("illegal-transition", f"{stand.status}; legal now: {names or 'nothing'}")
    return APPLIED


@pytest.mark.parametrize("fact", EVENTS)
def test_every_actor_in_every_state_gets_the_ruling_of_the_table(fact: Fact) -> None:
    for actor, stand in product(ACTORS, STANDS):
        if fact in SAID_BY_CLOCK and actor == "clock":
            continue  # what the clock says of it is another fact, with a row and a test of its own
        then = history(fact, stand)
        before = dict(then.states)
        ruling = then.when(event(fact, actor))
        assert ruling == ruled(fact, actor, stand), (actor, stand)
        if isinstance(ruling, Refused):
            assert then.states == before
            continue
        offer = then.state("referral").offers[0]
        assert (offer.status, offer.detail) == expected(fact, stand)
        assert bool(then.state("client").open_offers) == (offer.status in OPEN)


@pytest.mark.parametrize("suspended", [False, True])
@pytest.mark.parametrize("fact", BY_CLOCK)
def test_the_clock_speaks_in_the_place_of_whoever_does_not(fact: Fact, suspended: bool) -> None:
    _, name, data = BY_CLOCK[fact]
    said = {key: value.replace("-left", "-suspended") if suspended else value for key, value in data.items()}
    for stand in STANDS:
        then = history("viewed", stand)
        # By the rules as they are last.
        then.now = DESERTED
        ruling = then.when(Told()(name, source=ACTORS["clock"], **said))
        after = expected(fact, stand)
        assert (ruling == APPLIED) is (after is not None)
        if after is not None:
            offer = then.state("referral").offers[0]
            assert (offer.status, offer.detail) == after


@pytest.mark.parametrize("fact", EXPECTED)
def test_each_step_of_the_table_is_the_one_written_here(fact: Fact) -> None:
    for stand in STANDS:
        assert step(fact, *stand) == expected(fact, stand), stand


def test_an_offer_begins_as_a_draft_or_by_being_sent() -> None:
    assert step("drafted", None) == ("draft", "drafting")
    assert step("sent", None) == step("sent", "draft", "drafting") == ("requested", "sent")
    assert step("discarded", "draft", "drafting") == ("entered-in-error", "discarded")
    assert [fact for fact in get_args(Fact) if step(fact, None)] == ["drafted", "sent"]
    assert [fact for fact in get_args(Fact) if step(fact, "draft")] == ["discarded", "sent"]


def test_every_fact_has_a_row_and_stands_in_the_table_written_here() -> None:
    assert {move.fact for move in MOVES} == set(get_args(Fact)) == {*EXPECTED, "drafted", "discarded", "sent"}
    assert {*EVENTS, *BY_CLOCK, "consent-ended", "client-erased"} == set(EXPECTED)
    assert {stand.status for stand in STANDS} == {*get_args(Status)} - {"draft"}


def test_every_event_about_an_offer_is_tried() -> None:
    named = {f"org.manyhands.{name}.v1" for name, _ in EVENTS.values()}
    said = {cls.model_fields["type"].annotation for cls in get_args(OfferEvent)}
    assert {get_args(each)[0] for each in said} - named == {"org.manyhands.referral.offer_sent.v1"}


def test_what_is_legal_now_is_told_by_event() -> None:
    assert legal("requested", "sent", Who.RECIPIENT) == (
        "referral.offer_viewed",
        "referral.offer_accepted",
        "referral.offer_declined",
        "referral.client_asked",
        "referral.client_answered",
    )
    assert legal("completed", "served", Who.SENDER) == (
        "referral.outcome_reported_by_sender",
        "referral.outcome_acknowledged",
        "referral.client_asked",
        "referral.client_answered",
        "referral.entered_in_error",
    )
    assert legal("accepted", "cancel-requested", Who.CLOCK) == (
        "referral.reminded",
        "referral.escalated",
        "referral.cancel_confirmed",
        "referral.withdrawn",
    )
    assert legal("draft", "drafting") == ("referral.offer_discarded", "referral.offer_sent")
    assert legal("entered-in-error", "in-error") == ()
