"""The tables are whole: what one names, the others know."""

import re
from typing import get_args
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events import codes, topics
from events.authority import AUTHORITY, PARTNER, SECOND_PERSON_ROLES, SYSTEM, Who, partner_of
from events.catalogue import NAMES, TOPIC_OF, TYPES, short, version
from events.codelists import PROTECTED, standard
from events.codes import CODES, UNREADABLE, By
from events.door import PLACES, SAID
from events.envelope import TYPE_PATTERN, Envelope, LateReason
from events.fields import CODE_PATTERN, LINE_PATTERN, Codelist
from events.ids import Keyed, derived_id, keyed_hash
from events.partner import RoleAssignedBody
from events.published import published


def test_each_type_has_a_row_in_every_table() -> None:
    assert set(TYPES) == set(AUTHORITY) == set(TOPIC_OF) == set(SAID) == set(PLACES)
    assert [each.type for each in published()] == list(TYPES)


@pytest.mark.parametrize("full", TYPES)
def test_a_type_is_named_family_fact_and_version(full: str) -> None:
    assert re.fullmatch(TYPE_PATTERN, full)
    assert NAMES[short(full)] == full
    assert full == f"org.manyhands.{short(full)}.v{version(full)}"


@pytest.mark.parametrize("full", TYPES)
def test_a_type_says_what_it_means(full: str) -> None:
    assert (TYPES[full].__doc__ or "").rstrip().endswith(".")
    assert TYPES[full].__doc__ != Envelope.__doc__


def test_a_second_person_is_asked_for_where_the_vocabulary_says_so() -> None:
    assert [short(full) for full, row in AUTHORITY.items() if row.second] == [
        "client.linked",
        "client.unlinked",
        "client.erased",
        "disclosure.broke_glass",
    ]
    assert set(RoleAssignedBody.model_fields["role"].annotation.__args__) >= SECOND_PERSON_ROLES  # type: ignore[union-attr]


def test_only_parts_of_the_system_speak_on_disclosures() -> None:
    spoken = {AUTHORITY[full].who for full, topic in TOPIC_OF.items() if topic is topics.DISCLOSURES}
    assert spoken == {Who.SYSTEM}


@pytest.mark.parametrize("source", [f"{SYSTEM}init", "urn:manyhands:link:abc", "partner:a", ""])
def test_a_source_of_another_kind_is_no_partner(source: str) -> None:
    assert partner_of(source) is None


def test_a_partners_source_names_the_partner() -> None:
    assert partner_of(f"{PARTNER}food-bank") == "food-bank"


def test_codes_have_the_form_of_codes_and_a_sentence_each() -> None:
    for code, text in [*((code, meaning.text) for code, meaning in CODES.items()), *UNREADABLE.items()]:
        assert re.fullmatch(CODE_PATTERN, code)
        assert text.endswith(".")


def test_each_code_belongs_to_one() -> None:
    """A code listed twice would silently take its last meaning, so the sizes are compared."""
    listed = [*codes._ADMISSION, *codes._FOLD, *codes._PROCESSOR, *codes._GATEWAY]
    assert len(listed) == len(set(listed)) == len(CODES)
    assert {meaning.by for meaning in CODES.values()} == set(By)


def test_history_is_kept_for_ever_on_one_broker_and_on_three() -> None:
    one, three = topics.settings(1), topics.settings(3)
    for settings in (one, three):
        assert settings["retention.ms"] == settings["retention.bytes"] == "-1"
        assert settings["cleanup.policy"] == "delete"
        assert settings["message.timestamp.type"] == "LogAppendTime"
    assert one["flush.messages"] == "1"
    assert three["min.insync.replicas"] == "2"
    assert three["unclean.leader.election.enable"] == "false"
    assert "min.insync.replicas" not in one


def test_topics_differ_in_name() -> None:
    assert len({topic.family for topic in topics.ALL}) == len(topics.ALL) == 3


KEY = Keyed(b"k" * 32)
PARTS = st.lists(st.text(st.characters(codec="utf-8"), max_size=20), min_size=1, max_size=4)


@given(PARTS)
def test_a_derived_id_is_a_stable_uuid_of_version_8(parts: list[str]) -> None:
    one = derived_id(KEY, *parts)
    assert UUID(one).version == 8
    assert UUID(one).variant == RFC_4122
    assert one == str(UUID(one)) == derived_id(KEY, *parts)
    assert one != derived_id(Keyed(b"other" * 8), *parts)


@given(PARTS, PARTS)
def test_derived_ids_differ_when_their_parts_do(one: list[str], other: list[str]) -> None:
    assert (derived_id(KEY, *one) == derived_id(KEY, *other)) is (one == other)


def test_a_derived_id_differs_by_where_its_parts_end() -> None:
    splits = [("ab", "c"), ("a", "bc"), ("abc",), ("abc", ""), ("", "abc"), ("a", "b", "c")]
    assert len({derived_id(KEY, *parts) for parts in splits}) == len(splits)


def test_the_way_ids_are_derived_never_changes() -> None:
    said = derived_id(KEY, "riverbend", "urn:manyhands:partner:clinic", "event", "1")
    assert said == "9f27df31-53fa-8800-8a60-f59b62b19975"
    assert keyed_hash(KEY, "a", "b").hex() == "3cb5dd2257894764493f8b9b63de30a3b5e3955193257c1916b4c1c8fb1b6dd3"


def asked_for() -> set[str]:
    """Return the codelists that any event, or its envelope, asks for."""
    in_data = {
        place.marker.name for places in PLACES.values() for place in places if isinstance(place.marker, Codelist)
    }
    return in_data | {mark.name for mark in get_args(LateReason) if isinstance(mark, Codelist)}


def test_an_initiative_begins_with_every_codelist_asked_for_and_no_other() -> None:
    assert set(standard()) == asked_for()


@pytest.mark.parametrize("name", sorted(standard()))
def test_a_standard_codelist_fits_the_event_that_publishes_it(name: str) -> None:
    entries = [{"code": code, "label": label} for code, label in standard()[name].items()]
    SAID[NAMES["initiative.codelist_published"]].model_validate(
        {
            "id": "1",
            "type": "initiative.codelist_published",
            "time": "2026-03-02T12:00:00Z",
            "data": {"codelist": name, "entries": entries},
        },
        extra="forbid",
    )
    assert all(re.fullmatch(LINE_PATTERN, label) for label in standard()[name].values())


def test_protected_programmes_are_programme_classes() -> None:
    assert set(PROTECTED) <= set(standard()["programme-class"])
