"""Values that are hard on whoever reads them, and JSON that is nearly right."""

import json
from copy import deepcopy
from random import Random
from typing import Any

from tests.support.canary import NAMES
from tests.support.events import ident

STRINGS = (
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ufeff",
    "\u202e",
    "\ud800",
    "\udfff\ud800",
    "ﬁ",
    "I\u0307",
    "e\u0301" * 40,
    "🪶" * 200,
    "x" * 20_000,
    "own:",
    "own:\n",
    "own:" + "x" * 200,
    "' or 1=1 --",
    "$1",
    "%00",
    "%s%n",
    "../../etc/passwd",
    "{{7*7}}",
    "<script>",
    "null",
    "-0",
    "NaN",
    "1e400",
    "0x7f",
    "٣",
    "9" * 400,
    "urn:manyhands:partner:clinic",
    "urn:manyhands:system:init",
    "org.manyhands.client.erased.v1",
    "2026-02-30T00:00:00Z",
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999999+14:00",
    "2026-01-01T00:00:60Z",
    "2026-01-01T00:00:00+99:99",
    *NAMES,
)
VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    2**31,
    2**63,
    2**64,
    10**40,
    1.5,
    -0.0,
    1e308,
    5e-324,
    [],
    {},
    [[]],
    {"": {}},
    [None] * 300,
    {str(number): number for number in range(300)},
)
TYPES = (
    "client.registered",
    "client.erased",
    "consent.granted",
    "consent.revoked",
    "referral.requested",
    "referral.offer_sent",
    "referral.offer_accepted",
    "referral.outcome_recorded",
    "partner.joined",
    "partner.service_published",
    "partner.capacity_reported",
    "initiative.opened",
    "initiative.policy_set",
    "disclosure.opened",
    "disclosure.exported",
    "admission.refused",
)
#: Text that no parser should take, or should take no further than it must.
BROKEN = (
    b"",
    b" ",
    b"{",
    b"}",
    b"[",
    b"]",
    b'"',
    b"{}{}",
    b"[,]",
    b"[1,]",
    b'{"a":1,}',
    b'{"a":1,"a":2}',
    b"{'a':1}",
    b"NaN",
    b"-Infinity",
    b"nul",
    b"\xff\xfe",
    b"\xef\xbb\xbf{}",
    b'{"\xc3\x28":1}',
    b'"\xed\xa0\x80"',
    b'{"id":"\\ud800"}',
    b'{"id":"\\u0000"}',
    b"1" * 5000,
    b"-" * 5000,
    b"1e" + b"9" * 500,
    b"[" * 5000,
    b'{"a":' * 5000,
    b"[" * 40 + b"]" * 40,
    b'{"data":' * 33 + b"1" + b"}" * 33,
    b"\\" * 500,
    b'"' + b"\\" * 5001,
    b'"' + b"\\u0041" * 2000 + b'"',
    b"\x00" * 50,
    b"\r\n\r\n",
)


def text(random: Random) -> str:
    """Return a string that somebody will choke on, if anybody does."""
    if random.random() < 0.7:
        return random.choice(STRINGS)
    return "".join(chr(random.choice((random.randrange(32), random.randrange(0x2FFF)))) for _ in range(20))


def value(random: Random) -> Any:
    """Return any JSON value, its caller's own to spoil."""
    return text(random) if random.random() < 0.5 else deepcopy(random.choice(VALUES))


def row(random: Random) -> dict[str, Any]:
    """Return something like an event, with a few places put wrong."""
    said: dict[str, Any] = {
        "id": f"f-{random.getrandbits(64)}",
        "type": random.choice(TYPES),
        "time": "2026-11-01T09:30:00Z",
        "client": random.choice(["own:1", "own:2", ident("nobody")]),
        "subject": random.choice(["own:case", ident("case"), "clinic"]),
        "data": {"details": random.choice(NAMES), "categories": ["adult"]},
    }
    for _ in range(random.randrange(4)):
        _spoil(random, said)
    return said


def _spoil(random: Random, said: dict[str, Any]) -> None:
    inside = said["data"] if isinstance(said.get("data"), dict) and random.random() < 0.5 else said
    kind = random.random()
    if kind < 0.3 and inside:
        inside.pop(random.choice([*inside]))
    elif kind < 0.8:
        inside[random.choice([*inside, "offer_id", "need", "consent_id", "source", "actor", "time"])] = value(random)
    else:
        inside[text(random)] = value(random)


def document(random: Random) -> bytes:
    """Return a body that is JSON, or was until somebody got at it."""
    if random.random() < 0.25:
        return random.choice(BROKEN)
    said: Any = row(random)
    whole = json.dumps(said, ensure_ascii=random.random() < 0.5).encode("utf-8", "surrogatepass")
    return _bitten(random, whole) if random.random() < 0.4 else whole


def _bitten(random: Random, whole: bytes) -> bytes:
    """Return the bytes with some of them lost, changed or said twice."""
    at = random.randrange(len(whole))
    until = min(len(whole), at + random.randrange(1, 12))
    other: bytes = random.choice([b"", random.randbytes(3), whole[at:until] * 3, b"\x00", b'"', b"}", b"\n"])
    return whole[:at] + other + whole[until:]
