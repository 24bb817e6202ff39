"""A consent that says more than this build can read is no consent."""

import json
from typing import Any

import pytest

from events.codec import Unreadable, read, write
from events.consent import Granted, Narrowed, unread
from events.topics import CASES
from tests.support.golden import records

GRANTED, NARROWED = "org.manyhands.consent.granted.v1", "org.manyhands.consent.narrowed.v1"


def heard(full: str, *path: str) -> Granted | Narrowed:
    """Return the fullest golden consent as read with a field of a later build at this path of `data`."""
    document = json.loads(records(full)[-1])
    place: dict[str, Any] = document["data"]
    for name in path:
        place = place[name]
    place["only_on_weekdays"] = {"except": ["2026-12-25"]}
    event = read(CASES, document["partitionkey"].encode(), json.dumps(document).encode())
    assert isinstance(event, Granted | Narrowed)
    return event


@pytest.mark.parametrize("full", [GRANTED, NARROWED])
def test_a_consent_that_is_understood_whole_is_not_unread(full: str) -> None:
    for record in records(full):
        event = read(CASES, json.loads(record)["partitionkey"].encode(), record)
        assert isinstance(event, Granted | Narrowed)
        assert not unread(event.data)


@pytest.mark.parametrize("full", [GRANTED, NARROWED])
@pytest.mark.parametrize("path", [(), ("recipients",)])
def test_a_restriction_of_a_later_build_is_noticed_and_written_again(full: str, path: tuple[str, ...]) -> None:
    event = heard(full, *path)
    assert unread(event.data)
    again = read(CASES, event.partitionkey.encode(), write(event))
    assert not isinstance(again, Unreadable)
    assert again == event


def test_what_admission_adds_later_restricts_nothing() -> None:
    assert not unread(heard(GRANTED, "admitted").data)
