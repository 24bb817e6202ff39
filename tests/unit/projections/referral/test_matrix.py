"""Every fact by every actor where no offer was sent yet, and what reaches one from elsewhere wherever it stands."""

from itertools import product
from typing import Any, get_args

import pytest
from msgspec.structs import replace

from events.authority import AUTHORITY
from events.catalogue import NAMES, Event
from projections.referral.rules import DESERTED, client, consent, need
from projections.referral.state import Draft, Handoff, Referral
from projections.referral.transitions import OPEN, Fact, Status
from projections.ruling import Refused
from tests.support.events import NOON, OFFER, Told
from tests.support.story import History
from tests.unit.projections.referral.needs import (
    BARE,
    EXPECTED,
    PLACES,
    SERVED,
    Place,
    Said,
    Shape,
    after,
    refused,
    shape,
)
from tests.unit.projections.referral.table import STANDS, Stand
from tests.unit.projections.referral.test_transitions import ACTORS, BY_CLOCK, EVENTS, MAY, event, history

EVENTS_OF: dict[Said, tuple[str, dict[str, Any]]] = {
    "requested": ("referral.requested", {}),
    "handed-off": ("referral.handoff_reported", {}),
    "drafted": ("referral.offer_drafted", {}),
    "sent": ("referral.offer_sent", {}),
    "discarded": ("referral.offer_discarded", {}),
    "closed": ("referral.closed", {}),
    "revoked": ("consent.revoked", {}),
    "consent-in-error": ("consent.entered_in_error", {}),
    "narrowed": ("consent.narrowed", {"recipients": {"partners": ["pantry"]}}),
    "stopped": ("referral.client_answered", {"stop_sharing": True}),
    "erased": ("client.erased", {}),
}
#: The facts of the table of transitions that these events are, where it has one.
FACTS: dict[Said, Fact] = {
    "drafted": "drafted",
    "sent": "sent",
    "discarded": "discarded",
    **dict.fromkeys(("revoked", "consent-in-error", "narrowed", "stopped"), "consent-ended"),
    "erased": "client-erased",
}
#: What no need is touched by, and is said of the person alone.
ELSEWHERE = {"consent.granted", "client.registered", "client.linked", "client.unlinked"}


def standing(place: Place) -> History:
    """Return a history that holds one need, standing so; whoever accepted its offer serves the person."""
    then = history("viewed", place if isinstance(place, Stand) else STANDS[0])
    # By the rules as they are last.
    then.now = DESERTED
    ((of_client, person), (of_need, asked)) = then.states.items()
    consents = tuple(replace(each, partners=("shelter", "pantry")) for each in person.consents)
    person = replace(person, consents=consents, serving=("shelter",) if place in SERVED else ())
    then.states[of_client] = person
    if not isinstance(place, Stand):
        then.states[of_client] = replace(person, open_offers=())
        before = shape(place)
        then.states.pop(of_need)
        then.states |= {} if before is None else {of_need: _bare(before, asked)}
    return then


def _bare(before: Shape, asked: Referral) -> Referral:
    drafts = tuple(Draft(id=OFFER, drafted=NOON, discarded=each == "entered-in-error") for each in before.drafts)
    outside = Handoff(id=OFFER, reported=NOON, channel="phone") if before.outside else None
    return replace(asked, offers=(), drafts=drafts, handoff=outside, closed=NOON if before.closed else None)


def seen(then: History) -> Shape | None:
    found = [state for state in then.states.values() if isinstance(state, Referral)]
    if not found:
        return None
    (each,) = found
    offers = tuple(Stand(offer.status, offer.detail) for offer in each.offers)
    drafts = tuple(draft.status for draft in each.drafts)
    return Shape(offers, drafts, each.closed is not None, each.handoff is not None)


def spoken(said: Said, actor: str) -> Event:
    name, data = EVENTS_OF[said]
    admitted = {"on_behalf": "shelter"} if actor == "link" else {}
    looked_up = {"programme_class": "general", "protected": False} if said == "sent" else {}
    return Told()(name, source=ACTORS[actor], **{**data, "admitted": admitted | looked_up})


def differing(said: Said) -> list[tuple[str, Place]]:
    """Return the cells in which what happens is not what the table says."""
    return [(actor, place) for actor, place in product(ACTORS, PLACES) if not _as_written(said, actor, place)]


def _as_written(said: Said, actor: str, place: Place) -> bool:
    then = standing(place)
    assert seen(then) == shape(place)
    before = dict(then.states)
    ruling = then.when(spoken(said, actor))
    code = refused(said, actor, place)
    if isinstance(ruling, Refused) or code is not None:
        return isinstance(ruling, Refused) and ruling.code == code and then.states == before
    found = seen(then)
    are_open = [offer for offer in found.offers if offer.status in OPEN] if found else []
    return found == after(said, place) and bool(then.state("client").open_offers) == bool(are_open)


@pytest.mark.parametrize("said", EXPECTED)
def test_what_is_said_of_a_need_comes_to_what_is_written_here(said: Said) -> None:
    assert differing(said) == []


@pytest.mark.parametrize(
    ("rules", "guard", "said"),
    [
        (need, "permitted", "closed"),
        (need, "serving", "requested"),
        (consent, "serving", "revoked"),
        (client, "_by_two", "erased"),
    ],
)
def test_a_rule_without_its_guard_is_seen(rules: Any, guard: str, said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, guard, lambda *_: None)
    assert differing(said)


@pytest.mark.parametrize("fact", EVENTS)
def test_what_is_said_of_an_offer_that_was_not_sent_is_about_nothing(fact: Fact) -> None:
    for actor, place in product(ACTORS, BARE):
        if (fact, place) == ("heard", "outside"):
            continue  # the sender heard of what went outside, which the test below is about
        then = standing(place)
        before = dict(then.states)
        thing = "referral" if place == "nothing" else "offer"
        assert then.when(event(fact, actor)) == Refused("unknown-subject", thing), (actor, place)
        assert then.states == before


def test_of_what_went_outside_its_sender_alone_says_what_it_heard() -> None:
    for actor in ACTORS:
        then = standing("outside")
        ruling = then.when(event("heard", actor))
        assert isinstance(ruling, Refused) is (actor not in MAY["heard"]), actor
        assert not isinstance(ruling, Refused) or ruling.code == "not-permitted"


def test_every_event_of_referrals_and_consent_and_every_fact_and_state_is_tried() -> None:
    tried = {name for name, _ in (*EVENTS.values(), *EVENTS_OF.values())}
    families = ("referral.", "consent.", "client.")
    assert tried | ELSEWHERE == {name for name in NAMES if name.startswith(families) and NAMES[name] in AUTHORITY}
    assert {*EVENTS, *FACTS.values(), *BY_CLOCK} == set(get_args(Fact))
    drafts = {word for place in BARE if (each := shape(place)) for word in each.drafts}
    assert {stand.status for stand in STANDS} | drafts == set(get_args(Status))
