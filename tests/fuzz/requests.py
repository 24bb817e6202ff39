"""Hostile requests as they go onto the wire, the same for the same seed."""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from urllib.parse import quote

from services.gateway.cloudevents import Mode
from tests.fuzz.words import STRINGS, document, text
from tests.support.canary import NAMES
from tests.support.events import ident

Form = Callable[[Random, str], "Hostile"]
JSON = "application/json"
READ = (
    "/v1/referrals",
    "/v1/referrals/{id}",
    "/v1/referrals/{id}/timeline",
    "/v1/referrals/{id}/sealed",
    "/v1/partners",
    "/v1/partners/{id}",
    "/v1/services",
    "/v1/refusals",
    "/v1/events/{id}",
    "/v1/codes",
    "/v1/codes/{id}",
    "/v1/tokens",
    "/v1/me",
    "/v1/openapi.json",
    "/",
    "/signin",
    "/signin/link/{id}",
    "/me",
    "/{id}",
)
WRITE = (
    "/v1/events",
    "/v1/clients",
    "/v1/clients/resolve",
    "/v1/sealed",
    "/v1/tokens",
    "/v1/tokens/{id}/rotate",
    "/v1/signin",
    "/signin",
    "/me/acting",
)
ASKED = ("limit", "cursor", "token", "role", "status", "since", "client", "need", "area", "wait", "dry_run", "backfill")
MEDIA = (*Mode, "", "text/plain", "application/xml", "application/json; charset=utf-16", "a/b;" * 500, "\xff/\xfe")


@dataclass(frozen=True)
class Hostile:
    """Bytes for one connection.

    `answers` is how many answers come for sure; with 0 there may be none, and nobody waits for it.
    """

    kind: str
    wire: bytes
    answers: int = 1
    #: Pieces that the bytes come in, so that reading is cut where it hurts.
    pieces: int = 1


def request(
    method: str, path: str, bearer: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> bytes:
    """Return a request that is framed as it should be, whatever else is in it."""
    said = {"Host": "door", "Authorization": f"Bearer {bearer}", **(headers or {})}
    if body is not None:
        said["Content-Length"] = str(len(body))
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in said.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1", "replace") + (body or b"")


def _body(random: Random, bearer: str) -> Hostile:
    path = random.choice(WRITE).format(id=ident("nobody"))
    return Hostile("body", request("POST", path, bearer, document(random), {"Content-Type": JSON}))


def _media(random: Random, bearer: str) -> Hostile:
    headers = {"Content-Type": random.choice(MEDIA), "Accept": random.choice(MEDIA)}
    return Hostile("media", request("POST", "/v1/events", bearer, document(random), headers))


def _many(random: Random, bearer: str) -> Hostile:
    """Lines or an array, of which one may be very long."""
    rows = [document(random) for _ in range(random.randrange(12))]
    if random.random() < 0.05:
        rows.append(b'{"id":"' + b"x" * random.choice((260_000, 263_000, 600_000)))
    if random.random() < 0.5:
        return Hostile("lines", request("POST", "/v1/events", bearer, b"\n".join(rows), {"Content-Type": Mode.STREAM}))
    body = b"[" + b",".join(rows) + random.choice([b"]", b"", b"]]", b",]"])
    return Hostile("array", request("POST", "/v1/events", bearer, body, {"Content-Type": Mode.BATCH}))


def _binary(random: Random, bearer: str) -> Hostile:
    headers = {"Content-Type": JSON, "ce-specversion": "1.0"}
    for _ in range(random.randrange(6)):
        name = random.choice(["id", "type", "time", "client", "subject", "data", "source", "x" * 40, "A", "b_c", ""])
        headers[f"ce-{name}"] = random.choice([quote(text(random), errors="replace"), '"\\"%ff"', "%", "a\x0bb", ""])
    framed = not any(set(value) & set("\r\n\x00\x0b") for value in headers.values())
    wire = request("POST", "/v1/events", bearer, document(random), headers)
    return Hostile("binary", wire, int(framed))


def _query(random: Random, bearer: str) -> Hostile:
    path = random.choice((*READ, "/v1/events")).format(id=ident("nobody"))
    said = [
        f"{random.choice(ASKED)}={quote(text(random)[:300], safe='', errors='replace')}"
        for _ in range(random.randrange(5))
    ]
    said += random.choices(["&&", "=", "a", "%", "%zz", "limit=1e3", "wait=nan", "limit=" + "9" * 5000], k=1)
    return Hostile("query", request("GET", f"{path}?{'&'.join(said)}", bearer))


def _path(random: Random, bearer: str) -> Hostile:
    wrong = quote(random.choice(STRINGS)[:500], safe=random.choice(["", "/.;"]), errors="replace")
    path = random.choice(READ + WRITE).format(id=wrong or "%2e")
    path = random.choice(
        [path, path + "/", "/" + path, path.replace("/", "/./"), path.upper(), path + "%00", path + ";"]
    )
    method = random.choice(["GET", "GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "QUERY"])
    return Hostile("path", request(method, path, bearer))


def _claim(random: Random, bearer: str) -> Hostile:
    claims = ["", "Bearer", f"bearer {bearer[:-1]}x", f"Basic {bearer}", "Bearer mh_", "Bearer " + "x" * 9000]
    claims += [f"Bearer {bearer}, Bearer {bearer}", "Bearer mh_aaaaaaaa_" + "a" * 43, "Bearer \xe9\xff", NAMES[0]]
    cookie = random.choice(["", "session=", f"__Host-session={bearer}", "a=b; " * 900, "=;=;", "session=\xff"])
    headers = {"Authorization": random.choice(claims), "Cookie": cookie, "X-CSRF-Token": random.choice(claims)}
    headers |= {"If-None-Match": random.choice(['"', "*", 'W/"x"', "," * 3000]), "X-Forwarded-For": "::1, x, 999.1"}
    return Hostile("claim", request(random.choice(["GET", "POST"]), random.choice(READ[:14]), bearer, None, headers))


def _packed(random: Random, bearer: str) -> Hostile:
    """A body that is compressed, or says that it is; some of them are bombs."""
    plain = random.choice([document(random), b" " * random.choice((1 << 20, 12 << 20)), b"\n" * 100_000])
    packing = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = packing.compress(plain) + packing.flush()
    body = random.choice([packed, packed, packed[:-5], packed + b"x", packed * 2, plain[:1000], b""])
    coding = random.choice(["gzip", "gzip", "gzip", "deflate", "br", "gzip, gzip", "x" * 500])
    headers = {"Content-Type": random.choice([*Mode]), "Content-Encoding": coding}
    return Hostile("packed", request("POST", "/v1/events", bearer, body, headers))


def _chunked(random: Random, bearer: str) -> Hostile:
    head = request("POST", "/v1/events", bearer, None, {"Content-Type": Mode.STREAM, "Transfer-Encoding": "chunked"})
    body = document(random)
    sizes = [b"%x", b"0%x", b"-%x", b"0x%x", b"%x;a=" + b"b" * 3000, b"ffffffffffffffff%x", b" %x", b"%x\t"]
    chunk = (random.choice(sizes) % len(body)) + b"\r\n" + body + random.choice([b"\r\n", b"\n", b""])
    end = random.choice([b"0\r\n\r\n", b"0\r\nX-Trailer: y\r\n\r\n", b"00\r\n\r\n", b""])
    return Hostile("chunked", head + chunk + end, 0, random.choice((1, 3)))


def _framing(random: Random, bearer: str) -> Hostile:
    """What is no request, or two that contradict each other."""
    good = request("POST", "/v1/events", bearer, b"{}", {"Content-Type": JSON})
    wires = [
        good.replace(b"Content-Length: 2", b"Content-Length: 2\r\nContent-Length: 3"),
        good.replace(b"Content-Length: 2", b"Content-Length: 2\r\nTransfer-Encoding: chunked"),
        good.replace(b"Content-Length: 2", b"Content-Length: -1"),
        good.replace(b"Content-Length: 2", b"Content-Length: 99999999999999999999"),
        good.replace(b"Content-Length: 2", b"Content-Length: 4000"),
        good.replace(b"Host: door", b"Host: door\r\nHost: other"),
        good.replace(b"Host: door\r\n", b""),
        good.replace(b"HTTP/1.1", random.choice([b"HTTP/0.9", b"HTTP/1.0", b"HTTP/2.0", b"HTTP/9.9", b"http/1.1"])),
        good.replace(b"Host: door", b"Expect: 100-continue\r\nHost: door"),
        good.replace(b"Host: door", b"Upgrade: websocket\r\nConnection: Upgrade\r\nHost: door"),
        good.replace(b"Host: door", b"X-" + b"a" * 70_000 + b": b"),
        good.replace(b"Host: door", b"Host : door"),
        good.replace(b"Host: door", b"Host: door\r\n folded: yes"),
        good.replace(b"\r\n", b"\n"),
        good.replace(b" /v1/events", b" http://other.example/v1/events"),
        good.replace(b" /v1/events", b" " + b"/x" * 40_000),
        good[: random.randrange(1, len(good))],
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + random.randbytes(40),
        b"CONNECT other.example:443 HTTP/1.1\r\nHost: other.example\r\n\r\n",
        b"\r\n" * 50,
        random.randbytes(200),
        b"GET /v1/codes\r\n\r\n",
    ]
    return Hostile("framing", random.choice(wires), 0, random.choice((1, 2, 5)))


def _pipelined(random: Random, bearer: str) -> Hostile:
    some = [random.choice((_body, _query, _claim))(random, bearer).wire for _ in range(random.randrange(2, 7))]
    return Hostile("pipelined", b"".join(some), len(some), random.choice((1, 1, 4)))


#: How often each form is used, of a hundred.
FORMS: tuple[tuple[Form, int], ...] = (
    (_body, 25),
    (_many, 12),
    (_media, 5),
    (_binary, 10),
    (_query, 14),
    (_path, 10),
    (_claim, 8),
    (_packed, 3),
    (_chunked, 4),
    (_framing, 5),
    (_pipelined, 4),
)


class Hostiles:
    """Says one hostile request after another."""

    def __init__(self, seed: int, bearer: str) -> None:
        self._random = Random(seed)
        self._bearer = bearer
        self._forms = [form for form, _ in FORMS]
        self._weights = [weight for _, weight in FORMS]

    def next(self) -> Hostile:
        """Return the next request."""
        [form] = self._random.choices(self._forms, self._weights)
        return form(self._random, self._bearer)
