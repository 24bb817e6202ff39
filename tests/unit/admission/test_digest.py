"""A retry has its first sending's digest; anything else that is said has another."""

import hmac
from typing import Any

import orjson

from services.admission.digest import Naming, canonical
from tests.support.events import INITIATIVE
from tests.support.scene import KEY, NAMING, parsed

SEALED = {"v": 1, "alg": "A256GCM", "kid": "k" * 22, "nonce": "n" * 16, "ct": "c" * 363}


def row(**changed: Any) -> dict[str, Any]:
    plain = {
        "type": "referral.requested",
        "id": "r-1",
        "time": "2026-03-02T13:00:00+01:00",
        "subject": "own:1",
        "client": "own:é",
        "data": {"urgency": "soon", "need": {"taxonomy": "local", "code": "shelter"}},
    }
    return {name: value for name, value in (plain | changed).items() if value is not None}


def digest(said: dict[str, Any]) -> str:
    return NAMING.digest(parsed(orjson.dumps(said)))


def test_canonical_form_is_written_out_here() -> None:
    expected = (
        '{"client":"own:\u00e9","data":{"need":{"code":"shelter","taxonomy":"local"},"urgency":"soon"},'
        '"id":"r-1","subject":"own:1","time":"2026-03-02T12:00:00.000000+00:00",'
        '"type":"org.manyhands.referral.requested.v1"}'
    ).encode()
    assert canonical(parsed(orjson.dumps(row(client="own:e")))) == expected.replace("\u00e9".encode(), b"e")
    keyed = hmac.digest(KEY, b"digest:" + expected.replace("\u00e9".encode(), b"e"), "sha256").hex()
    assert digest(row(client="own:e")) == keyed


def test_the_same_said_otherwise_has_the_same_digest() -> None:
    plain = row(client="own:e")
    assert {
        digest(plain),
        digest(dict(reversed(plain.items()))),
        digest(plain | {"type": "org.manyhands.referral.requested.v1"}),
        digest(plain | {"time": "2026-03-02T12:00:00Z"}),
        digest(plain | {"source": "urn:manyhands:partner:clinic", "initiative": INITIATIVE}),
        digest(plain | {"actor": None, "data": plain["data"] | {"area": None}}),
    } == {digest(plain)}


def test_anything_else_has_another() -> None:
    plain = row(client="own:e")
    changed = [
        plain,
        plain | {"time": "2026-03-02T12:00:00.000001Z"},
        plain | {"client": "own:f"},
        plain | {"subject": "own:2"},
        plain | {"data": plain["data"] | {"details": "text"}},
        plain | {"data": plain["data"] | {"details": SEALED}},
        plain | {"data": plain["data"] | {"details": SEALED | {"kid": "K" * 22}}},
    ]
    assert len({digest(each) for each in changed}) == len(changed)


def test_sealed_text_counts_by_its_key_and_place() -> None:
    plain = row(client="own:e")
    again = SEALED | {"nonce": "N" * 16, "ct": "C" * 363}
    first, second = (plain | {"data": plain["data"] | {"details": each}} for each in (SEALED, again))
    assert digest(first) == digest(second)


def test_another_deployment_s_key_gives_other_digests_and_ids() -> None:
    other = Naming(bytes(32))
    said = parsed(orjson.dumps(row(client="own:e")))
    assert other.digest(said) != NAMING.digest(said)
    assert other.event("a", "b", "c") != NAMING.event("a", "b", "c")


def test_ids_of_different_things_differ() -> None:
    names = {
        NAMING.event("a", "b", "c"),
        NAMING.correlation("a", "b", "c"),
        NAMING.own("a", "b", "offer", "c"),
        NAMING.own("a", "b", "consent", "c"),
        NAMING.own("a", "bo", "ffer", "c"),
    }
    assert len(names) == 5
