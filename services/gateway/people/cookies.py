"""Cookies and what proves that a request comes from a page of our own."""

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.responses import Response

from services.gateway.body import whole
from services.gateway.people.mail import LOOPBACK
from services.gateway.people.places import host_of
from services.gateway.problems import ProblemError
from services.runtime.random import LENGTH
from services.runtime.settings import Settings

#: Names of the cookies: of a session, and of a browser that is on its way to one.
SESSION, BROWSER = "session", "browser"
#: Methods that change nothing.
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FORM = "application/x-www-form-urlencoded"
#: Bytes and fields of a form at most.
LARGEST_FORM, FIELDS = 8 << 10, 20


class Cookies:
    """Sets cookies that scripts and other sites cannot reach, and checks where requests come from."""

    def __init__(self, settings: Settings, key: bytes) -> None:
        self._public = settings.public_url.rstrip("/") if settings.public_url else None
        self._key = key

    def origin(self, request: Request) -> str:
        """Return the scheme and host of our own pages: as set, else as asked for, which must be this machine.

        Raises ProblemError for another host, which would let anybody write it into mails.
        """
        if self._public is not None:
            return self._public
        host = request.headers.get("host", "")
        if host_of(f"//{host}") not in LOOPBACK:
            raise ProblemError(400, "bad-request", "MANYHANDS_PUBLIC_URL does not say where people reach this address")
        return f"http://{host}"

    def read(self, request: Request, name: str) -> str | None:
        """Return the cookie's text if it can be one of ours."""
        text = request.cookies.get(self._name(name))
        return text if text is not None and len(text) == LENGTH and text.isascii() else None

    def write(self, response: Response, name: str, text: str | None) -> None:
        """Set the cookie until the browser is closed; None takes it away."""
        secure = self._secure
        said = {"path": "/", "secure": secure, "httponly": True, "samesite": "lax"}
        if text is None:
            response.delete_cookie(self._name(name), **said)  # type: ignore[arg-type]
        else:
            response.set_cookie(self._name(name), text, **said)  # type: ignore[arg-type]

    def proof(self, text: str) -> str:
        """Return what a form on a page for this cookie carries, which no other site can read."""
        return urlsafe_b64encode(hmac.digest(self._key, b"csrf" + text.encode(), sha256)).rstrip(b"=").decode()

    async def check(self, request: Request, text: str, *, unreferred: bool = False) -> None:
        """Raise ProblemError unless the request comes from a page of ours that was made for this cookie.

        Of a page that tells nobody where one came from, browsers say that the origin is `null`.
        """
        said = request.headers.get("x-csrf-token") or (await form(request)).get("csrf", "")
        foreign = request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")
        origin = request.headers.get("origin")
        hidden = unreferred and origin == "null"
        if foreign or (origin is not None and not hidden and origin != self.origin(request)):
            raise ProblemError(403, "cross-site")
        if not hmac.compare_digest(said.encode(), self.proof(text).encode()):
            raise ProblemError(403, "cross-site")

    @property
    def _secure(self) -> bool:
        return self._public is not None and self._public.startswith("https:")

    def _name(self, name: str) -> str:
        # The prefix has browsers refuse a cookie that another host of the same domain set.
        return f"__Host-{name}" if self._secure else name


async def form(request: Request) -> dict[str, str]:
    """Return the fields of a form; of anything else, none.  Raises ProblemError for what is too long."""
    return dict(await pairs(request))


async def pairs(request: Request, largest: int = LARGEST_FORM, fields: int = FIELDS) -> list[tuple[str, str]]:
    """Do as `form`, for fields that may stand in it more than once; the first to ask says how much it may hold."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        return []
    known: list[tuple[str, str]] | None = getattr(request.state, "form", None)
    if known is None:
        body = await whole(request, largest)
        try:
            known = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=fields)
        except ValueError:
            raise ProblemError(400, "bad-request", "the form cannot be read") from None
        request.state.form = known
    return known
