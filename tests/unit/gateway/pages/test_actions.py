"""The table of actions holds what the events say of themselves."""

from typing import Any, get_args

import orjson
import pytest
from msgspec.structs import replace

from events.authority import AUTHORITY, Who
from events.catalogue import NAMES, short, type_of
from events.door import PLACES, SAID
from events.fields import Codelist, Sealed
from events.referral import Event
from projections.referral.state import Draft, Handoff, Referral
from projections.referral.transitions import MOVES
from services.gateway.pages.actions import ANSWERS, Action, drafts_of, is_open, target_of
from services.gateway.pages.choosing import Listed
from services.gateway.pages.fields import Text
from services.gateway.pages.outside import Instead, instead
from services.gateway.pages.vocabulary import ACTIONS
from services.gateway.sight import Role, Sight
from tests.support.events import NOON, ident
from tests.unit.gateway.test_sight import FIRST, SECOND, SENDER, client, consent, offer, referral, seen

#: Said by the steps that send a referral.
ELSEWHERE = {"referral.requested", "referral.offer_sent", "referral.offer_drafted"}


def test_every_event_of_a_referral_can_be_said_on_a_page() -> None:
    """Of those that the sender or a recipient says; a new one is either in the table or named above."""
    people = {Who.SENDER, Who.RECIPIENT, Who.ALIAS_HOLDER, Who.CLASS_MEMBER}
    said = {short(type_of(each)) for each in get_args(Event) if people & set(AUTHORITY[type_of(each)].all)}
    assert said == {action.type for action in ACTIONS.values()} | ELSEWHERE


def test_every_action_is_a_step_of_some_state() -> None:
    of_offers = {action.type for action in ACTIONS.values() if not action.whole}
    assert of_offers <= {name for move in MOVES for name in move.events}


@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS)
def test_action_asks_for_what_the_event_takes(action: Action) -> None:
    full = NAMES[action.type]
    data = SAID[full].model_fields["data"].annotation
    assert data is not None
    taken = data.model_fields
    named: set[str] = set() if action.whole else {"offer_id"}
    if action.instead:
        named = {"offer_id", "need", "area", "urgency"}
    asked = {field.name for field in action.fields} | set(action.says) | named
    assert asked <= set(taken)
    needed = {name for name, field in taken.items() if field.is_required()}
    assert needed <= {field.name for field in action.fields if field.required} | set(action.says) | named


@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS)
def test_action_offers_the_event_s_own_codes_and_seals_its_text(action: Action) -> None:
    places = {place.path[0]: place.marker for place in PLACES[NAMES[action.type]] if len(place.path) == 1}
    for field in action.fields:
        marker = places.get(field.name)
        assert (marker is Sealed) == isinstance(field, Text)
        if isinstance(marker, Codelist):
            assert isinstance(field, Listed)
            assert field.of == marker.name


@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS)
def test_refusals_lead_to_fields_that_are_there(action: Action) -> None:
    assert set(action.about.values()) <= {field.name for field in action.fields}


DRAFT = Draft(id=ident("draft"), drafted=NOON, recipient=FIRST)
GONE = Draft(id=ident("gone"), drafted=NOON, discarded=True)
OUTSIDE = Handoff(id=ident("outside"), reported=NOON, channel="phone")


def sights(found: Referral) -> tuple[Sight, Sight]:
    """Return the referral as its sender and as a recipient sees it."""
    own, theirs = (seen(partner, found, client(consent())) for partner in (SENDER, FIRST))
    assert own is not None
    assert theirs is not None
    return own, theirs


def said_of(sight: Sight, name: str, partner: str) -> set[str]:
    """Return what the partner may say of what goes by this id, by its events."""
    target = target_of(sight, name)
    return {each.type for each in ACTIONS.values() if target is not None and is_open(each, sight, target, partner)}


def test_draft_is_its_sender_s_to_throw_away_and_nobody_else_s_to_know() -> None:
    own, theirs = sights(replace(referral(offer()), drafts=(DRAFT, GONE)))
    assert drafts_of(own) == [DRAFT]
    assert said_of(own, DRAFT.id, SENDER) == {"referral.offer_discarded"}
    assert said_of(own, GONE.id, SENDER) == set()
    assert drafts_of(theirs) == []
    assert [target_of(theirs, each.id) for each in (DRAFT, GONE)] == [None, None]
    # Nor may somebody say it who found out the id.
    assert not is_open(ACTIONS["offer-discarded"], own, DRAFT, FIRST)


IN_ERROR: dict[str, Any] = {"status": "entered-in-error", "detail": "in-error"}


@pytest.mark.parametrize("to_class", [None, "housing"])
@pytest.mark.parametrize(
    ("later", "possible"),
    [
        ([], True),
        ([{}], True),
        ([{"replaces": "first"}], False),
        ([{"replaces": "first", "status": "rejected", "detail": "declined"}], False),
        ([{"replaces": "first", **IN_ERROR}], True),
        ([{"replaces": "first", **IN_ERROR}, {"replaces": "0"}], False),
        ([{"replaces": "first", **IN_ERROR}, {"replaces": "0", **IN_ERROR}], True),
    ],
)
def test_nobody_answers_late_what_another_offer_took_the_place_of(
    later: list[dict[str, Any]], possible: bool, to_class: str | None
) -> None:
    whom: dict[str, Any] = {"to_class": to_class, "recipient": "" if to_class else FIRST}
    ran_out = offer(id="first", status="cancelled", detail="expired-no-response", **whom)
    found = referral(ran_out, *(offer(SECOND, id=str(number), **changed) for number, changed in enumerate(later)))
    role: Role = "class-member" if to_class else "recipient"
    said = said_of(Sight(role, found, client(consent()), (ran_out,), None), "first", FIRST)
    answer = "referral.offer_claimed" if to_class else "referral.offer_accepted"
    assert said & set(ANSWERS) == ({answer} if possible else set())


def test_what_was_arranged_outside_is_its_sender_s_to_tell_of_once() -> None:
    found = replace(referral(offer()), handoff=OUTSIDE)
    own, theirs = sights(found)
    assert said_of(own, OUTSIDE.id, SENDER) == {"referral.outcome_reported_by_sender"}
    assert target_of(theirs, OUTSIDE.id) is None
    heard, _ = sights(replace(found, handoff=replace(OUTSIDE, heard="delivered")))
    assert said_of(heard, OUTSIDE.id, SENDER) == set()


@pytest.mark.parametrize(
    ("found", "possible"),
    [
        (referral(), True),
        (referral(offer(status="rejected", detail="declined")), True),
        (referral(offer()), False),
        (referral(offer(status="in-progress", detail="serving")), False),
        (referral(offer(status="completed", detail="served")), False),
        (replace(referral(), closed=NOON), False),
        (replace(referral(), handoff=OUTSIDE), False),
    ],
)
def test_it_is_arranged_outside_while_nobody_here_is_at_work(found: Referral, possible: bool) -> None:
    own = seen(SENDER, found, client(consent()))
    assert own is not None
    assert is_open(ACTIONS["handoff-reported"], own, None, SENDER) is possible
    assert not is_open(ACTIONS["handoff-reported"], own, None, FIRST)


def test_what_is_arranged_outside_is_the_same_need_and_ends_the_one_before() -> None:
    ended = Instead("own:4711", replace(referral(), area="north"), ident("referral"), "handed-off")
    outside, closed = (orjson.loads(row) for row in instead(ended, "s", {"channel": "phone"}, NOON))
    assert outside["data"] == {
        "offer_id": "own:page-s",
        "need": {"taxonomy": "manyhands", "code": "shelter"},
        "area": "north",
        "urgency": "soon",
        "channel": "phone",
    }
    assert (outside["client"], outside["subject"]) == ("own:4711", "own:page-s")
    assert (closed["subject"], closed["data"]) == (ident("referral"), {"disposition": "handed-off"})
    assert outside["id"] != closed["id"]
    assert outside["time"] == closed["time"]
