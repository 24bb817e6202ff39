"""Those turned away are told singly for a while, then counted; nobody is lost from the count."""

from datetime import timedelta

import orjson

from services.admission.caller import System
from services.admission.turned import MOST, Turned
from tests.support.admitting import clinic, shelter
from tests.support.events import INITIATIVE
from tests.support.scene import NOW, context, drafted


def count(row: bytes) -> int:
    told: int = orjson.loads(row)["data"]["count"]
    return told


def test_each_of_the_first_is_told_and_the_rest_are_counted() -> None:
    turned = Turned()
    told = [each for _ in range(MOST + 25) for each in turned.note(clinic, None, "not-json", NOW)]
    assert [count(each) for each in told] == [1] * MOST
    assert turned.due(NOW) == []
    [(initiative, rest)] = turned.due(NOW + timedelta(minutes=1))
    assert (initiative, count(rest)) == (INITIATIVE, 25)
    assert turned.due(NOW + timedelta(minutes=2)) == []


def test_next_minute_begins_with_what_was_not_told() -> None:
    turned = Turned()
    for _ in range(MOST + 5):
        turned.note(clinic, None, "not-json", NOW)
    [first] = turned.note(clinic, None, "not-json", NOW + timedelta(minutes=1))
    assert count(first) == 6


def test_sources_are_counted_apart_and_the_system_not_at_all() -> None:
    turned = Turned()
    for _ in range(MOST):
        turned.note(clinic, None, "not-json", NOW)
    assert len(turned.note(shelter, None, "not-json", NOW)) == 1
    assert turned.note(System(INITIATIVE, "init"), None, "not-json", NOW) == []


def test_closing_tells_what_is_left() -> None:
    turned = Turned()
    for _ in range(MOST + 3):
        turned.note(clinic, None, "not-json", NOW)
    assert [count(row) for _, row in turned.due(NOW, all_of_them=True)] == [3]


def test_record_passes_the_house_s_own_admission() -> None:
    [row] = Turned().note(clinic, None, "not-json", NOW)
    draft = drafted(row, context(System(INITIATIVE, "admission")))
    assert (draft.record, draft.parsed.data["code"]) == ("clinic", "not-json")
