"""Whatever bytes arrive, the answer is what they say or one problem in its place."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.catalogue import NAMES
from services.admission.parse import Parsed, parse
from services.admission.problem import Problem
from services.admission.scan import DEEPEST, LARGEST

CANARY = "Zaphrodite Quillfeather"
SEALED = {"v": 1, "alg": "A256GCM", "kid": "k" * 22, "nonce": "n" * 16}


def row(**changed: Any) -> bytes:
    """Return a plain row with attributes changed; None leaves one out."""
    plain = {
        "id": "a",
        "type": "referral.offer_viewed",
        "time": "2026-01-01T00:00:00Z",
        "subject": "own:1",
        "data": {"offer_id": "own:1", "by": "person"},
    }
    return json.dumps({name: value for name, value in (plain | changed).items() if value is not None}).encode()


def need(**changed: Any) -> bytes:
    data = {"need": {"taxonomy": "local", "code": "shelter"}, "urgency": "soon", **changed}
    return row(type="referral.requested", client="own:1", data=data)


def accepted(expected_by: object) -> bytes:
    return row(type="referral.offer_accepted", data={"offer_id": "own:1", "expected_by": expected_by})


HOSTILE: dict[str, tuple[bytes, str, str]] = {
    "empty": (b"", "not-json", ""),
    "not UTF-8": (b'{"id":"\xff"}', "not-json", ""),
    "a byte order mark": (b"\xef\xbb\xbf{}", "not-json", ""),
    "not an object": (b"[]", "not-json", ""),
    "a bare number": (b"7", "not-json", ""),
    "two objects": (b"{} {}", "not-json", ""),
    "cut short": (b'{"id":"a"', "not-json", ""),
    "not a number": (b'{"id":NaN}', "not-json", ""),
    "infinite": (b'{"id":-Infinity}', "not-json", ""),
    "a million brackets": (b"[" * 1_000_000, "too-large", ""),
    "as many brackets as fit": (b"[" * LARGEST, "too-deep", ""),
    "nested objects": (b'{"a":' * (DEEPEST + 1) + b"1" + b"}" * (DEEPEST + 1), "too-deep", ""),
    # A search that starts over at every quote would never come to an end here.
    "quotes that never close": (b"{" * (DEEPEST + 1) + b'\\"' * 100_000, "too-deep", ""),
    "one quote that never closes": (b'"' + b'\\"' * 100_000, "not-json", ""),
    "a long row": (row(id="a" * LARGEST), "too-large", ""),
    "a number beyond floats": (b'{"id":1E+999999}', "out-of-bounds", ""),
    "a whole number beyond floats": (b'{"id":' + b"9" * 1000 + b"}", "out-of-bounds", ""),
    "a key twice": (b'{"id":"a","id":"b"}', "duplicate-key", ""),
    "a key twice, once escaped": (b'{"id":"a","\\u0069d":"b"}', "duplicate-key", ""),
    "a key twice, made up for by a colon": (b'{"id":"\\u003a","id":"b"}', "duplicate-key", ""),
    "a key twice deep inside": (b'{"data":[{"b":1,"b":2}]}', "duplicate-key", ""),
    "a lone surrogate": (b'{"data":{"details":"\\ud800"}}', "bad-character", "/data/details"),
    "a lone surrogate in a key": (b'{"data":{"\\udfff":1}}', "bad-character", "/data"),
    "a NUL": (b'{"id":"a\x00"}', "bad-character", "/id"),
    "an escaped NUL": (need(details="a\x00b"), "bad-character", "/data/details"),
    "an escaped NUL in an id": (row(id="a\x00"), "bad-character", "/id"),
    "a bell": (need(details="a\x07b"), "bad-character", "/data/details"),
    "no type": (row(type=None), "missing-field", "/type"),
    "a type that is no text": (row(type=7), "invalid-value", "/type"),
    "an unknown type": (row(type="referral.offer_lost"), "unknown-type", "/type"),
    "no id": (row(id=None), "missing-field", "/id"),
    "an empty id": (row(id=""), "invalid-value", "/id"),
    "a long id": (row(id="a" * 129), "invalid-value", "/id"),
    "no data": (row(data=None), "missing-field", "/data"),
    "data that is a list": (row(data=[]), "invalid-value", "/data"),
    "a field missing inside": (need(need={"taxonomy": "local"}), "missing-field", "/data/need/code"),
    "an unknown attribute": (row(colour="red"), "unknown-field", ""),
    "an unknown field": (need(colour="red"), "unknown-field", "/data"),
    "an unknown field inside": (
        need(need={"taxonomy": "local", "code": "food", "x": 1}),
        "unknown-field",
        "/data/need",
    ),
    "what admission writes": (row(data={"admitted": {}}), "reserved-field", "/data/admitted"),
    "a word outside its choice": (row(data={"offer_id": "own:1", "by": "cat"}), "unknown-code", "/data/by"),
    "a number for a word": (row(data={"offer_id": "own:1", "by": 7}), "invalid-value", "/data/by"),
    "a word for true": (
        row(type="partner.service_changed", data={"service_id": "own:1", "accepts_referrals": "yes"}),
        "invalid-value",
        "/data/accepts_referrals",
    ),
    "a time without offset": (row(time="2026-01-01T00:00:00"), "time-without-offset", "/time"),
    "a day for a time": (row(time="2026-01-01"), "time-without-offset", "/time"),
    "seconds for a time": (row(time=1_767_225_600), "invalid-value", "/time"),
    "seconds as text": (row(time="1767225600"), "invalid-value", "/time"),
    "the year 9999": (row(time="9999-12-31T23:59:59Z"), "out-of-bounds", "/time"),
    "the year 9999 inside": (accepted("9999-12-31T23:59:59Z"), "out-of-bounds", "/data/expected_by"),
    "no offset inside": (accepted("2026-01-01T00:00:00"), "time-without-offset", "/data/expected_by"),
    "a thirteenth month": (accepted("2026-13-01"), "invalid-value", "/data/expected_by"),
    "a number for a day": (accepted(20260101), "invalid-value", "/data/expected_by"),
    "half a seal": (need(details=SEALED), "missing-field", "/data/details/ct"),
    "text as a list": (need(details=["a"]), "invalid-value", "/data/details"),
    "too many": (
        row(type="client.registered", data={"categories": ["adult"] * 21}),
        "invalid-value",
        "/data/categories",
    ),
    "a float for an amount": (
        row(
            type="referral.outcome_recorded",
            data={"offer_id": "own:1", "outcome": "delivered", "outputs": [{"kind": "meal", "amount": 1.5}]},
        ),
        "invalid-value",
        "/data/outputs/0/amount",
    ),
    "attempts beyond count": (
        row(type="referral.outcome_recorded", data={"offer_id": "own:1", "outcome": "delivered", "attempts": 10**30}),
        "out-of-bounds",
        "/data/attempts",
    ),
}


@pytest.mark.parametrize(("said", "code", "pointer"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_row_is_turned_away_with_code_and_place(said: bytes, code: str, pointer: str) -> None:
    found = parse(said)
    assert isinstance(found, Problem)
    assert (found.code, found.pointer) == (code, pointer)


@pytest.mark.parametrize(("short", "full"), NAMES.items())
def test_type_may_be_named_short_or_in_full(short: str, full: str) -> None:
    found = parse(orjson.dumps({"type": short, "data": {}}))
    assert isinstance(found, Problem)
    assert found.code == "missing-field"
    assert full in NAMES.values()


def test_row_means_the_same_however_it_is_spaced_and_escaped() -> None:
    plain = need(details="née: “ok”")
    spaced = json.dumps(json.loads(plain), indent=3, ensure_ascii=True).encode()
    first, second = parse(plain), parse(spaced)
    assert isinstance(first, Parsed)
    assert first == second


def test_null_says_the_same_as_nothing() -> None:
    with_null, without = parse(need(details="x", area=None)), parse(need(details="x"))
    assert isinstance(with_null, Parsed)
    assert with_null == without


@pytest.mark.parametrize(
    "said",
    [
        need(details=CANARY + "\x00"),
        need(**{CANARY: 1}),
        row(**{CANARY: 1}),
        row(type=CANARY),
        row(data={"offer_id": CANARY, "by": CANARY}),
        row(id=CANARY + "\u00e9"),
        b'{"' + CANARY.encode() + b'":1,"' + CANARY.encode() + b'":2}',
        b'{"data":{"' + CANARY.encode() + b'":{"x":"\\ud800"}}}',
        CANARY.encode(),
    ],
)
def test_problem_never_repeats_the_input(said: bytes) -> None:
    found = parse(said)
    assert isinstance(found, Problem)
    assert CANARY not in repr(found) + found.text


@given(st.binary(max_size=300))
def test_any_bytes_give_a_result(said: bytes) -> None:
    assert isinstance(parse(said), Parsed | Problem)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.sampled_from(sorted(NAMES)), st.dictionaries(st.sampled_from(["id", "time", "client", "x"]), JSON), JSON)
def test_any_json_gives_a_result(name: str, attributes: dict[str, Any], data: Any) -> None:
    said = json.dumps({**attributes, "type": name, "data": data}).encode()
    assert isinstance(parse(said), Parsed | Problem)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([":", "\\u003a", "x"])), max_size=5))
def test_repeated_keys_are_found_exactly(pairs: list[tuple[str, str]]) -> None:
    said = "{" + ",".join(f'"{key}":"{value}"' for key, value in pairs) + "}"
    found = parse(said.encode())
    assert isinstance(found, Problem)
    assert (found.code == "duplicate-key") == (len({key for key, _ in pairs}) < len(pairs))
