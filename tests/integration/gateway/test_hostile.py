"""Questions that nobody means well by: each is answered, none is our fault, and nothing said comes back."""

from itertools import product
from urllib.parse import quote

import httpx

from services.gateway.parts import Parts
from tests.support.events import ident
from tests.support.reading import agreed, referred

MARK = "Zaphrodite"
VALUES = (
    "",
    "\x00",
    "'; drop table referral; --",
    f"{MARK} Quillfeather",
    "own:" + "x" * 200,
    "own:\x7f",
    ident("nobody").upper(),
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
    "1e400",
    "-1",
    "9" * 400,
    "\U0001f426" * 50,
    "../../etc/passwd",
    "%00",
    "A" * 511,
)
RANGES = ("requested_from", "requested_until", "changed_since")
#: Where parameters are taken, and which of them.
TAKEN = {
    "/v1/referrals": ("role", "sender", "need", "overdue", *RANGES, "sort", "limit", "cursor", "token"),
    "/v1/referrals/own:r 1": ("token",),
    "/v1/referrals/own:r 1/timeline": ("cursor",),
    "/v1/refusals": ("code", "since", "cursor"),
    "/v1/events/x": ("subject", "client", "token"),
    "/v1/partners": ("class", "cursor"),
    "/v1/services": ("partner", "accepts_referrals"),
}


async def test_parameters_are_taken_or_turned_away(told: Parts, clinic: httpx.AsyncClient) -> None:
    await agreed(clinic, "1")
    await referred(clinic, "1")
    for (path, names), value in product(TAKEN.items(), VALUES):
        for name in names:
            answer = await clinic.get(path, params={name: value})
            assert answer.status_code in (200, 400, 404, 422), (path, name, value, answer.text)
            assert MARK not in answer.text


async def test_paths_are_taken_or_turned_away(clinic: httpx.AsyncClient) -> None:
    for value in VALUES:
        for template in ("/v1/referrals/{}", "/v1/referrals/{}/timeline", "/v1/referrals/{}/sealed", "/v1/partners/{}"):
            answer = await clinic.get(template.format(quote(value, safe="")))
            # Nothing is folded in this house, and that is said of what could be a referral.
            assert answer.status_code in (200, 307, 404, 405, 422, 503), (template, value, answer.text)
            assert answer.status_code != 503 or answer.json()["code"] == "store-unavailable"
            assert MARK not in answer.text


BODIES = (
    b"",
    b"null",
    b"[]",
    b"{",
    b'"x"',
    b"[" * 100_000,
    b'{"client": "own:1", "client": "own:2"}',
    b'{"client": 1}',
    b'{"client": "own:\\ud800"}',
    b'{"client": "Zaphrodite Quillfeather"}',
    b'{"client": "own:1", "text": "\\ud800", "id": "x", "type": "client.registered", "pointer": "/data/details"}',
    b'{"client": "own:1", "text": "Zaphrodite\\u0000", "id": "x", "type": "client.registered", "pointer": "/data"}',
    b'{"x": ' + b"9" * 10_000 + b"}",
    b"\xff\xfe{}",
)


async def test_bodies_are_taken_or_turned_away(clinic: httpx.AsyncClient) -> None:
    medias = ("application/json", "text/plain", "")
    for path, body, media in product(("/v1/clients", "/v1/sealed"), BODIES, medias):
        answer = await clinic.post(path, content=body, headers={"Content-Type": media})
        assert answer.status_code in (200, 400, 415, 422), (body[:60], answer.text)
        assert MARK not in answer.text
