"""Rows that no door may let through, each with the code and the place that it is turned away with."""

import random
from typing import NamedTuple

from tests.support.casework import Person, changed

MILLION = 1_000_000
ANY, KNOWN = Person("anybody"), Person("good 0")
GIANT = {"taxonomy": "manyhands", "code": "giant"}
_PLAIN = ANY.registered()
_SAID = ANY.registered(details="?")


class Hostile(NamedTuple):
    """A row, and what it is answered with."""

    what: str
    row: bytes
    code: str
    pointer: str = ""


def _with(old: bytes, new: bytes, row: bytes = _SAID) -> bytes:
    assert old in row
    return row.replace(old, new)


def _noise() -> bytes:
    return random.Random(7).randbytes(4000).replace(b"\n", b"").replace(b"\r", b"")


def _attempts(number: bytes) -> bytes:
    row = ANY.answered("outcome_recorded", "x", f"{ANY.client} x", outcome="not-delivered", attempts=12345)
    return _with(b"12345", number, row)


def _valid_from(time: str) -> bytes:
    return ANY.consented(valid_from=time)


ROWS = (
    Hostile("words", b"this is no JSON", "not-json"),
    Hostile("half a row", _PLAIN[:-20], "not-json"),
    Hostile("two rows in one line", _PLAIN + _PLAIN, "not-json"),
    Hostile("a number", b"42", "not-json"),
    Hostile("an array", b"[" + _PLAIN + b"]", "not-json"),
    Hostile("a byte order mark", b"\xef\xbb\xbf" + _PLAIN, "not-json"),
    Hostile("another coding", _PLAIN.decode().encode("utf-16-le").replace(b"\n", b""), "not-json"),
    Hostile("noise", _noise(), "not-json"),
    Hostile("bytes that are no UTF-8", _with(b'"?"', b'"\xff\xfe"'), "not-json"),
    Hostile("NaN", _attempts(b"NaN"), "not-json"),
    Hostile("a million levels", b"[" * MILLION, "too-large"),
    Hostile("a million closed levels", b'{"a":' + b"[" * MILLION + b"]" * MILLION + b"}", "too-large"),
    Hostile("a hundred thousand levels", _with(b'"?"', b"[" * 100_000 + b"]" * 100_000), "too-deep"),
    Hostile("thirty-three levels", _with(b'"?"', b"[" * 31 + b"]" * 31), "too-deep"),
    Hostile("300 KiB", _with(b'"?"', b'"' + b"a" * 300 * 1024 + b'"'), "too-large"),
    Hostile("300 KiB of blanks", _PLAIN + b" " * 300 * 1024, "too-large"),
    Hostile("4,001 characters", ANY.registered(details="a" * 4001), "invalid-value", "/data/details"),
    Hostile("101 partners", ANY.consented(except_recipients=["p-x"] * 101), "invalid-value", "/data/except_recipients"),
    Hostile("an id of 129 characters", changed(_PLAIN, id="a" * 129), "invalid-value", "/id"),
    Hostile("1E+999999", _attempts(b"1E+999999"), "out-of-bounds"),
    Hostile("a number of a thousand digits", _attempts(b"9" * 1000), "out-of-bounds"),
    Hostile("a number of 100,000 digits", _attempts(b"9" * 100_000), "out-of-bounds"),
    Hostile("minus one", _attempts(b"-1"), "out-of-bounds", "/data/attempts"),
    Hostile("a lone surrogate, escaped", _with(b'"?"', b'"a\\ud800b"'), "bad-character", "/data/details"),
    Hostile("a lone low surrogate", _with(b'"?"', b'"\\udfff"'), "bad-character", "/data/details"),
    Hostile("a surrogate as bytes", _with(b'"?"', b'"\xed\xa0\x80"'), "not-json"),
    Hostile("a NUL", _with(b'"?"', b'"a\0b"'), "bad-character", "/data/details"),
    Hostile("a NUL, escaped", _with(b'"?"', b'"a\\u0000b"'), "bad-character", "/data/details"),
    Hostile("NULs alone", b"\0" * 100, "not-json"),
    Hostile("a key twice", _with(b'{"id"', b'{"id":"other","id"'), "duplicate-key"),
    Hostile("a key twice, once escaped", _with(b'"details"', b'"details":"x","d\\u0065tails"'), "duplicate-key"),
    Hostile("no type", _with(b'"type"', b'"typ"'), "missing-field", "/type"),
    Hostile("no data", _with(b'"data"', b'"date"'), "missing-field", "/data"),
    Hostile("a type of a number", changed(_PLAIN, type=7), "invalid-value", "/type"),
    Hostile("an unknown type", changed(_PLAIN, type="client.reborn"), "unknown-type", "/type"),
    Hostile("another house's type", changed(_PLAIN, type="com.example.client.registered.v1"), "unknown-type", "/type"),
    Hostile("a version to come", changed(_PLAIN, type="org.manyhands.client.registered.v2"), "unknown-type", "/type"),
    Hostile("data of text", changed(_PLAIN, data="x"), "invalid-value", "/data"),
    Hostile("a flag of text", ANY.consented(hidden_from_guardian="no"), "invalid-value", "/data/hidden_from_guardian"),
    Hostile("a count of text", _attempts(b'"3"'), "invalid-value", "/data/attempts"),
    Hostile("an unknown attribute", changed(_PLAIN, colour="red"), "unknown-field"),
    Hostile("an unknown field", ANY.registered(colour="red"), "unknown-field", "/data"),
    Hostile("admission's own field", ANY.registered(admitted={}), "reserved-field", "/data/admitted"),
    Hostile("a foreign source", changed(_PLAIN, source="urn:manyhands:partner:shelter"), "foreign-source", "/source"),
    Hostile("the system's source", changed(_PLAIN, source="urn:manyhands:system:vault"), "foreign-source", "/source"),
    Hostile("another initiative", changed(_PLAIN, initiative="elsewhere"), "wrong-initiative", "/initiative"),
    Hostile("a code of no list", ANY.registered(categories=["giant"]), "unknown-code", "/data/categories/0"),
    Hostile("a need of no list", KNOWN.requested("y", need=GIANT), "unknown-code", "/data/need/code"),
    Hostile("a choice of no list", ANY.requested("x", urgency="yesterday"), "unknown-code", "/data/urgency"),
    Hostile("no offset", changed(_PLAIN, time="2026-03-02T12:00:00"), "time-without-offset", "/time"),
    Hostile("no offset, within", _valid_from("2026-03-02T12:00:00"), "time-without-offset", "/data/valid_from"),
    Hostile("seconds since 1970", changed(_PLAIN, time=1_772_000_000), "invalid-value", "/time"),
    Hostile("the year 9999", changed(_PLAIN, time="9999-12-31T23:59:59Z"), "out-of-bounds", "/time"),
    Hostile("the year 9999, within", _valid_from("9999-12-31T23:59:59Z"), "out-of-bounds", "/data/valid_from"),
    Hostile("the year 10000", changed(_PLAIN, time="10000-01-01T00:00:00Z"), "invalid-value", "/time"),
    Hostile("the year 0", changed(_PLAIN, time="0000-01-01T00:00:00Z"), "invalid-value", "/time"),
    Hostile("the 30th of February", changed(_PLAIN, time="2026-02-30T00:00:00Z"), "invalid-value", "/time"),
    Hostile("tomorrow's time", changed(_PLAIN, time="2199-01-01T00:00:00Z"), "time-in-future", "/time"),
    Hostile("last century's time", changed(_PLAIN, time="1999-01-01T00:00:00Z"), "late-without-reason", "/latereason"),
)
