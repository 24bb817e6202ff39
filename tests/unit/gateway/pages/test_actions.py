"""The table of actions holds what the events say of themselves."""

from typing import get_args

import pytest

from events.authority import AUTHORITY, Who
from events.catalogue import NAMES, short, type_of
from events.door import PLACES, SAID
from events.fields import Codelist, Sealed
from events.referral import Event
from projections.referral.transitions import MOVES
from services.gateway.pages.actions import Action
from services.gateway.pages.choosing import Listed
from services.gateway.pages.fields import Text
from services.gateway.pages.vocabulary import ACTIONS

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
