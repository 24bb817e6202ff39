"""At the door: the caller's own ids, days for instants, clear text where it will be sealed, nothing of ours."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from events.anatomy import leaves
from events.catalogue import NAMES, TYPES, short
from events.door import EACH, PLACES, SAID, Place, body
from events.fields import Codelist, DateOrInstant, IdOf, Sealed
from events.spoken import TAGS
from tests.support.golden import records

GRANTED = "org.manyhands.consent.granted.v1"


def door(record: bytes) -> dict[str, Any]:
    """Return what a caller could have said for this record to stand on the log."""
    document: dict[str, Any] = json.loads(record)
    del document["data"]["admitted"]
    return document


def said(full: str, document: Any) -> BaseModel:
    return SAID[full].model_validate_json(json.dumps(document), strict=True, extra="forbid")


def faults(full: str, document: Any) -> list[tuple[str, str]]:
    """Return type and dotted place of every fault, without the names of choices."""
    with pytest.raises(ValidationError) as caught:
        said(full, document)
    return [
        (fault["type"], ".".join(str(step) for step in fault["loc"] if step not in TAGS))
        for fault in caught.value.errors()
    ]


def places_of_faults(full: str, document: Any) -> list[str]:
    """Return the dotted places of the faults, none where there are none; anything but a fault fails the test."""
    try:
        said(full, document)
    except ValidationError:
        return [place for _, place in faults(full, document)]
    return []


def put(data: Any, path: tuple[str, ...], value: Any) -> int:
    """Put the value at every place of the path that is there, and return how many there were."""
    first, *rest = path
    if first == EACH:
        keys: list[Any] = list(range(len(data)))
    else:
        keys = [first] if first in data else []
    if rest:
        return sum(put(data[key], tuple(rest), value) for key in keys)
    for key in keys:
        data[key] = value
    return len(keys)


def as_said(full: str, kind: Any, value: Any) -> dict[str, Any]:
    """Return the fullest golden record's door form with `value` at every place marked so."""
    document = door(records(full)[-1])
    for place in PLACES[full]:
        if place.marker is kind or (isinstance(kind, type) and isinstance(place.marker, kind)):
            put(document["data"], place.path, value)
    return document


@pytest.mark.parametrize("full", TYPES)
def test_what_stands_on_the_log_could_have_been_said(full: str) -> None:
    for record in records(full):
        said(full, door(record))


@pytest.mark.parametrize("full", TYPES)
def test_both_names_are_understood(full: str) -> None:
    document = door(records(full)[0])
    assert NAMES[short(full)] == NAMES[full] == full
    assert said(full, document | {"type": short(full)}).model_dump()["type"] == short(full)


@pytest.mark.parametrize("full", TYPES)
def test_own_ids_days_and_clear_text_are_understood_where_they_are_marked(full: str) -> None:
    said(full, as_said(full, IdOf, "own:HC-2026/0042 b"))
    said(full, as_said(full, DateOrInstant, "2026-02-28"))
    said(full, as_said(full, Sealed, "Ada Lovelace, 555-0100\nring twice"))


@pytest.mark.parametrize("full", TYPES)
def test_what_admission_adds_is_not_understood(full: str) -> None:
    document = json.loads(records(full)[0])
    assert ("extra_forbidden", "data.admitted") in faults(full, document)


@pytest.mark.parametrize("full", TYPES)
def test_unknown_fields_are_found_wherever_they_stand(full: str) -> None:
    for record in records(full):
        document = door(record)
        document["surprise"] = document["data"]["surprise"] = 1
        expected = {"surprise", "data.surprise"}
        for name, part in document["data"].items():
            if isinstance(part, dict):
                part["surprise"] = 1
                expected.add(f"data.{name}.surprise")
        assert {place for kind, place in faults(full, document) if kind == "extra_forbidden"} == expected


def marked(full: str) -> set[Place]:
    """Return the marked places as another walk finds them: over every annotation's text of marks."""
    return {
        Place(leaf.path, mark)
        for leaf in leaves(body(full))
        for mark in (*leaf.marks, leaf.type)
        if leaf.path[0] != "admitted" and (mark is Sealed or isinstance(mark, IdOf | Codelist | DateOrInstant))
    }


@pytest.mark.parametrize("full", TYPES)
def test_every_marked_value_has_a_place(full: str) -> None:
    assert set(PLACES[full]) == marked(full)


def test_places_are_those_of_the_vocabulary() -> None:
    assert PLACES[GRANTED] == (
        Place(("consent_id",), IdOf("consent")),
        Place(("recipients", "classes", EACH), Codelist("partner-class")),
        Place(("recipients", "networks", EACH), Codelist("network")),
        Place(("purposes", EACH), Codelist("purpose")),
        Place(("data_classes", EACH), Codelist("data-class")),
        Place(("programme_classes", EACH), Codelist("programme-class")),
        Place(("guardian_until",), DateOrInstant(end_of_day=True)),
        Place(("valid_from",), DateOrInstant(end_of_day=False)),
        Place(("expires_at",), DateOrInstant(end_of_day=True)),
        Place(("form",), Codelist("consent-form")),
    )
    assert Place(("details",), Sealed) in PLACES["org.manyhands.client.registered.v1"]
    assert Place(("from",), DateOrInstant(end_of_day=False)) in PLACES["org.manyhands.initiative.backfill_opened.v1"]
    assert (
        Place(("outputs", EACH, "enrolment_id"), IdOf("enrolment"))
        in PLACES["org.manyhands.referral.outcome_recorded.v1"]
    )


@pytest.mark.parametrize("full", TYPES)
def test_every_place_is_told_by_some_golden_record(full: str) -> None:
    documents = [json.loads(record)["data"] for record in records(full)]
    assert [place for place in PLACES[full] if not sum(put(data, place.path, None) for data in documents)] == []


WRONG_TIMES = {
    "seconds since 1970": (1_772_000_000, "datetime_type"),
    "seconds as text": ("1772000000", "datetime_parsing"),
    "a fraction of them": ("1772000000.5", "datetime_parsing"),
    "a number with an exponent": (1.7e9, "datetime_type"),
    "true": (True, "datetime_type"),
    "no offset": ("2026-03-02T12:00:00", "timezone_aware"),
    "a day that is none": ("2026-02-30T12:00:00Z", "datetime_from_date_parsing"),
    "year 9999": ("9999-12-31T23:59:59Z", "less_than"),
    "year 1": ("0001-01-01T00:00:00Z", "greater_than_equal"),
    "words": ("yesterday", "datetime_parsing"),
    "an object": ({}, "datetime_type"),
}


@pytest.mark.parametrize("wrong", WRONG_TIMES)
def test_a_time_is_written_out_with_its_offset(wrong: str) -> None:
    value, fault = WRONG_TIMES[wrong]
    document = door(records(GRANTED)[0])
    assert faults(GRANTED, document | {"time": value}) == [(fault, "time")]
    document["data"]["valid_from"] = value
    assert [place for _, place in faults(GRANTED, document)] == ["data.valid_from"]


@pytest.mark.parametrize("day", ["2026-13-01", "2026-00-10", "26-01-01", "2026-1-1", "20260101", "9999-12-31", "-", ""])
def test_what_looks_like_a_day_must_be_one(day: str) -> None:
    document = door(records(GRANTED)[0])
    document["data"]["valid_from"] = day
    assert faults(GRANTED, document) == [("string_pattern_mismatch", "data.valid_from")]


@pytest.mark.parametrize("text", ["", "x" * 4001, "a\x00b", "a\x1bb", "a\x85b", "a\x7fb"])
def test_clear_text_is_bounded_and_has_no_control_characters(text: str) -> None:
    full = "org.manyhands.client.registered.v1"
    assert [place for _, place in faults(full, as_said(full, Sealed, text))] == ["data.details"]


@pytest.mark.parametrize("own", ["own:", "own: x", "own:x ", "own:" + "x" * 129, "own:ü", "own:a\n", "OWN:a", "a"])
def test_an_own_id_is_printable_and_short(own: str) -> None:
    document = door(records(GRANTED)[0])
    assert faults(GRANTED, document | {"client": own}) == [("string_pattern_mismatch", "client")]


PRINTABLE = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=128)
VISIBLE = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=400)


@given(PRINTABLE, VISIBLE, st.dates())
def test_any_printable_id_any_text_and_any_day_are_understood(own: str, text: str, day: Any) -> None:
    full = "org.manyhands.referral.requested.v1"
    document = as_said(full, Sealed, text)
    said(full, document | {"id": own, "subject": f"own:{own}", "correlationid": own})
    granted = as_said(GRANTED, DateOrInstant, day.isoformat())
    if 1900 <= day.year < 2200:
        said(GRANTED, granted)
    else:
        assert {kind for kind, _ in faults(GRANTED, granted)} == {"string_pattern_mismatch"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(TYPES)), st.data(), JSON)
def test_anything_else_is_said_to_be_wrong_in_its_place(full: str, data: st.DataObject, value: Any) -> None:
    document = door(records(full)[-1])
    place = data.draw(st.sampled_from([place for place in (document, document["data"]) if place]))
    name = data.draw(st.sampled_from(sorted(place)))
    place[name] = value
    assert all(name in path.split(".") for path in places_of_faults(full, document))
