"""Whatever stands on a topic is an event, unreadable, or of a type to come; reading never fails."""

import json
from typing import Annotated, Any, Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import Field, TypeAdapter, ValidationError

from events import topics
from events.catalogue import TYPES
from events.codec import UnknownType, Unreadable, read, why, write
from events.codes import UNREADABLE
from events.envelope import Body, Envelope
from events.fields import Payload
from tests.support.golden import every, records

SENT = "org.manyhands.referral.offer_sent.v1"
RECORD = records(SENT)[0]
KEY: bytes = json.loads(RECORD)["partitionkey"].encode()
NEWER = "org.manyhands.referral.offer_sent.v2"


def changed(path: str, value: Any) -> bytes:
    """Return the golden record with the value at this dotted path put in its place."""
    document = json.loads(RECORD)
    *outer, last = path.split(".")
    place = document
    for name in outer:
        place = place[name]
    place[last] = value
    return json.dumps(document).encode()


def without(path: str) -> bytes:
    document = json.loads(RECORD)
    *outer, last = path.split(".")
    place = document
    for name in outer:
        place = place[name]
    del place[last]
    return json.dumps(document).encode()


def spliced(old: bytes, new: bytes) -> bytes:
    assert old in RECORD
    return RECORD.replace(old, new, 1)


DIRECTORY = b'"directory":67'
NAME = b'"initiative":"riverbend"'

NOT_JSON = {
    "no bytes": b"",
    "words": b"hello",
    "not UTF-8": b'{"type":"\xff"}',
    "half a record": RECORD[:200],
    "two documents": RECORD + RECORD,
    "a byte order mark": b"\xef\xbb\xbf" + RECORD,
    "a million arrays": b"[" * 1_000_000,
    "a million objects": b'{"a":' * 1_000_000,
    "deep inside a record": spliced(b"{", b'{"x":' + b"[" * 1_000_000 + b"]" * 1_000_000 + b","),
    "a lone surrogate": spliced(NAME, b'"initiative":"\\ud800"'),
    "a lone surrogate in an unknown field": spliced(NAME, NAME + b',"x":"\\udfff"'),
    "a raw NUL": spliced(b"riverbend", b"river\x00bend"),
    "a number without end": spliced(DIRECTORY, b'"directory":' + b"9" * 5000),
}
BAD_ENVELOPE = {
    "null": b"null",
    "a number": b"17",
    "an array": b"[]",
    "an empty object": b"{}",
    "no type": without("type"),
    "a type that is no text": changed("type", 5),
    "a newer type that admission did not write": changed("type", "org.manyhands.referral.waved.v1").replace(
        b'"admitted"', b'"x"'
    ),
    "a newer type without an id": changed("type", NEWER).replace(b'"id"', b'"x"'),
    "a type that would be a label of a megabyte": changed("type", "org.manyhands." + "x" * 1_000_000),
    "a type that names somebody": changed("type", "org.manyhands.Ada Lovelace.v1"),
}
BAD_PAYLOAD = {
    "not admitted": without("data.admitted"),
    "no data": without("data"),
    "a field missing": without("data.offer_id"),
    "a wrong kind": changed("data.offer_id", ["x"]),
    "upper case in an id": changed("id", "A" * 8 + "-0000-8000-8000-000000000000"),
    "time without offset": changed("time", "2026-03-02T12:00:00"),
    "year 9999": changed("time", "9999-12-31T23:59:59-23:59"),
    "the 30th of February": changed("time", "2026-02-30T12:00:00Z"),
    "escaped NUL": spliced(b"riverbend", b"river\\u0000bend"),
    "an exponent without end": spliced(DIRECTORY, b'"directory":1E+999999'),
    "not a number": spliced(DIRECTORY, b'"directory":NaN'),
    "a float for a count": spliced(DIRECTORY, b'"directory":67.0'),
    "a count over its bound": changed("data.admitted.directory", 1_000_000_000),
    "digits of another script": changed("data.respond_by", "٢٠٢٦-03-02T12:00:00Z"),
    "too many": changed("data.data_classes", ["need"] * 21),
    "trailing line end in a code": changed("data.purpose", "referral\n"),
    "huge text": changed("data.purpose", "x" * 1_000_000),
    "another specversion": changed("specversion", "0.3"),
    "data as text": changed("data", "e30="),
}


@pytest.mark.parametrize("value", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_what_is_not_json_is_unreadable(value: bytes) -> None:
    assert read(topics.CASES, KEY, value) == Unreadable("not-json")


@pytest.mark.parametrize("value", BAD_ENVELOPE.values(), ids=BAD_ENVELOPE.keys())
def test_what_is_no_event_is_unreadable(value: bytes) -> None:
    assert read(topics.CASES, KEY, value) == Unreadable("bad-envelope")


@pytest.mark.parametrize("value", BAD_PAYLOAD.values(), ids=BAD_PAYLOAD.keys())
def test_a_known_type_that_is_not_what_it_says_is_unreadable(value: bytes) -> None:
    assert read(topics.CASES, KEY, value) == Unreadable("bad-payload")


class Walk(Payload):
    by: Literal["foot"]


class Ride(Payload):
    by: Literal["bus"]


class Journey(Body):
    way: Annotated[Walk | Ride, Field(discriminator="by")]


class Travelled(Envelope):
    type: Literal["org.manyhands.referral.offer_sent.v1"]
    data: Journey


class Stayed(Envelope):
    type: Literal["org.manyhands.referral.requested.v1"]
    data: Body


TRAVELS: TypeAdapter[Travelled | Stayed] = TypeAdapter(
    Annotated[Travelled | Stayed, Field(discriminator="type")],
)


@pytest.mark.parametrize("way", [{"by": "aeroplane"}, {"by": 5}, {}, None])
def test_a_choice_within_a_known_type_that_is_none_of_its_own_is_unreadable(way: object) -> None:
    value = changed("data.way", way)
    with pytest.raises(ValidationError) as failed:
        TRAVELS.validate_json(value)
    assert why(failed.value, KEY, value) == Unreadable("bad-payload")


def test_a_record_without_value_is_unreadable() -> None:
    assert read(topics.CASES, KEY, None) == Unreadable("empty")


@pytest.mark.parametrize("key", [None, b"", b"somebody-else", KEY + b" ", KEY.upper(), b"\xff"])
def test_another_key_than_the_events_own_is_unreadable(key: bytes | None) -> None:
    assert read(topics.CASES, key, RECORD) == Unreadable("wrong-key")


@pytest.mark.parametrize("topic", [topics.INITIATIVES, topics.DISCLOSURES])
def test_an_event_on_another_topic_is_unreadable(topic: topics.Topic) -> None:
    assert read(topic, KEY, RECORD) == Unreadable("wrong-topic")


@pytest.mark.parametrize("name", ["com.example.order.v1", "", "org.manyhandsx.a.b.v1", "referral.offer_sent", "\n"])
def test_a_foreign_type_is_unreadable(name: str) -> None:
    assert read(topics.CASES, KEY, changed("type", name)) == Unreadable("foreign-type")


@pytest.mark.parametrize("name", [NEWER, "org.manyhands.pulse.answered.v1"])
def test_a_newer_type_that_admission_wrote_is_told_apart(name: str) -> None:
    with pytest.raises(UnknownType) as told:
        read(topics.CASES, KEY, changed("type", name))
    assert told.value.name == name


def test_a_newer_type_under_another_key_is_unreadable() -> None:
    assert read(topics.CASES, b"somebody-else", changed("type", NEWER)) == Unreadable("wrong-key")


def test_of_a_key_said_twice_the_last_counts() -> None:
    event = read(topics.CASES, KEY, spliced(b"{", b'{"type":"com.example.v1","id":"x",'))
    assert not isinstance(event, Unreadable)
    assert write(event) == RECORD


def test_unknown_numbers_of_any_size_are_ignored() -> None:
    event = read(topics.CASES, KEY, spliced(b"{", b'{"x":1E+999999,"y":[NaN,-Infinity],'))
    assert not isinstance(event, Unreadable)


def judged(topic: topics.Topic, key: bytes | None, value: bytes | None) -> str:
    """Return what reading came to; any other exception than the one for newer types fails the test."""
    try:
        event = read(topic, key, value)
    except UnknownType as newer:
        return newer.name
    return event.reason if isinstance(event, Unreadable) else event.type


KNOWN = [*UNREADABLE, *TYPES]
ANY_TOPIC = st.sampled_from(topics.ALL)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(ANY_TOPIC, st.none() | st.binary(), st.none() | st.binary())
def test_any_bytes_are_judged(topic: topics.Topic, key: bytes | None, value: bytes | None) -> None:
    assert judged(topic, key, value) in KNOWN


@given(ANY_TOPIC, JSON)
@example(topics.CASES, {"type": {"type": "org.manyhands.a.b.v1"}})
def test_any_json_is_judged(topic: topics.Topic, value: Any) -> None:
    assert judged(topic, b"x", json.dumps(value).encode()) in KNOWN


@given(st.sampled_from(list(every())), st.data())
def test_any_golden_record_with_bytes_changed_is_judged(
    golden: tuple[topics.Topic, bytes], data: st.DataObject
) -> None:
    topic, record = golden
    start = data.draw(st.integers(0, len(record)))
    end = data.draw(st.integers(start, min(start + 40, len(record))))
    middle = data.draw(st.binary(max_size=8) | st.sampled_from([b"null", b"{}", b"[]", b"1e9", b'"\\u0000"']))
    value = record[:start] + middle + record[end:]
    assert judged(topic, KEY, value)


@given(st.sampled_from(list(every())), st.data(), JSON)
def test_any_golden_record_with_a_value_changed_is_judged(
    golden: tuple[topics.Topic, bytes], data: st.DataObject, value: Any
) -> None:
    topic, record = golden
    document = json.loads(record)
    place = data.draw(st.sampled_from([document, document["data"], document["data"]["admitted"]]))
    place[data.draw(st.sampled_from(sorted(place)))] = value
    assert judged(topic, record, json.dumps(document).encode()) in KNOWN
