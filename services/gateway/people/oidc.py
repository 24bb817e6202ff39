"""Signing in by an identity provider: OpenID Connect's authorization code flow with PKCE."""

import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from services.gateway.people.places import safe
from services.gateway.store import Keep
from services.runtime.errors import SettingInvalid
from services.runtime.random import fresh, hashed
from services.runtime.security import secret_in
from services.runtime.settings import Settings

SQL = Path(__file__).with_name("handshakes.sql")
#: How long somebody may take at the provider's; seconds for which its own description holds, and for it to answer.
LIFE, KNOWN_S, PATIENCE = timedelta(minutes=10), 3600.0, 10.0
#: Seconds by which clocks may differ, and since when a token may have been issued.
LEEWAY = 60
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")


class ProviderAway(Exception):
    """The provider does not answer, or not as one does."""


@dataclass(frozen=True, slots=True)
class Client:
    """Who the gateway is to the provider."""

    issuer: str
    id: str
    secret: str | None = field(repr=False)


class Provider:
    """One identity provider."""

    def __init__(self, client: Client, keep: Keep, http: httpx.AsyncClient) -> None:
        self.client = client
        self._keep = keep
        self._http = http
        self._known: dict[str, Any] = {}
        self._keys: KeySet | None = None
        self._known_at = float("-inf")

    async def begin(self, browser: str, back: str) -> str:
        """Return where to send the browser, which is to come back to `back`.  Raises ProviderAway and Away."""
        await self._know()
        state, nonce, verifier = fresh(), fresh(), fresh()
        await self._keep.fetch(SQL, "begin", hashed(state), hashed(browser), nonce, verifier, LIFE)
        asked = {
            "response_type": "code",
            "client_id": self.client.id,
            "redirect_uri": back,
            "scope": "openid email",
            "state": state,
            "nonce": nonce,
            "code_challenge": urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        place = self._place("authorization_endpoint")
        return f"{place}{'&' if '?' in place else '?'}{urlencode(asked)}"

    async def finish(self, browser: str, back: str, answered: dict[str, str]) -> str | None:
        """Return the e-mail address that the provider vouches for; None when what came back is worth nothing.

        Raises ProviderAway and Away.
        """
        row = await self._keep.one(SQL, "finish", hashed(answered.get("state", "")), hashed(browser))
        if row is None or "code" not in answered or answered.get("iss", self.client.issuer) != self.client.issuer:
            return None
        await self._know()
        token = await self._redeemed(answered["code"], row["verifier"], back)
        claims = await self._claims(token) if token else None
        return _vouched(claims, self.client, row["nonce"]) if claims else None

    async def _know(self) -> None:
        if time.monotonic() - self._known_at < KNOWN_S:
            return
        known = await self._asked("GET", self.client.issuer.rstrip("/") + "/.well-known/openid-configuration")
        if known.get("issuer") != self.client.issuer:
            raise ProviderAway("it describes another issuer")
        self._known = known
        await self._renew()
        self._known_at = time.monotonic()

    async def _renew(self) -> None:
        try:
            self._keys = KeySet.import_key_set(await self._asked("GET", self._place("jwks_uri")))  # type: ignore[arg-type]
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise ProviderAway(type(error).__name__) from None

    async def _redeemed(self, code: str, verifier: str, back: str) -> str | None:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        auth: httpx.Auth = httpx.Auth()
        if self.client.secret is None:
            form["client_id"] = self.client.id
        else:
            auth = httpx.BasicAuth(quote(self.client.id, safe=""), quote(self.client.secret, safe=""))
        try:
            answer = await self._http.post(self._place("token_endpoint"), data=form, auth=auth)
            told = answer.json() if answer.status_code == 200 else {}
        except (httpx.HTTPError, ValueError) as error:
            raise ProviderAway(type(error).__name__) from None
        found = told.get("id_token") if isinstance(told, dict) else None
        return found if isinstance(found, str) else None

    async def _claims(self, token: str) -> dict[str, Any] | None:
        """Return what the token says once its signature holds; keys that changed meanwhile are read again, once."""
        for again in (True, False):
            try:
                return dict(jwt.decode(token, self._keys, algorithms=ALGORITHMS).claims)  # type: ignore[arg-type]
            except (JoseError, ValueError):
                if again:
                    await self._renew()
        return None

    def _place(self, name: str) -> str:
        found = self._known.get(name)
        if not isinstance(found, str) or not safe(found):
            raise ProviderAway(f"its {name} cannot be used")
        return found

    async def _asked(self, method: str, url: str) -> dict[str, Any]:
        try:
            answer = await self._http.request(method, url)
            answer.raise_for_status()
            told = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise ProviderAway(type(error).__name__) from None
        if not isinstance(told, dict):
            raise ProviderAway("it answers with something else")
        return told


def _vouched(claims: dict[str, Any], client: Client, nonce: str) -> str | None:
    """Return the address if the claims are for us, of now, of this sign-in, and the address was proved."""
    now = time.time()
    audience = claims.get("aud")
    ours = audience == client.id or (
        isinstance(audience, list) and client.id in audience and (len(audience) == 1 or claims.get("azp") == client.id)
    )
    expires, issued = claims.get("exp"), claims.get("iat")
    if not isinstance(expires, int | float) or not isinstance(issued, int | float):
        return None
    if claims.get("iss") != client.issuer or not ours or expires <= now - LEEWAY or issued > now + LEEWAY:
        return None
    if not compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        return None
    email = claims.get("email")
    return email if claims.get("email_verified") is True and isinstance(email, str) else None


@asynccontextmanager
async def opened(settings: Settings, keep: Keep) -> AsyncIterator[Provider | None]:
    """Give the provider that the settings name, if they do.  Raises SettingInvalid."""
    if settings.oidc_issuer is None:
        yield None
        return
    if settings.oidc_client is None or not safe(settings.oidc_issuer):
        raise SettingInvalid("MANYHANDS_OIDC_ISSUER needs to begin with https and to come with MANYHANDS_OIDC_CLIENT")
    file = settings.oidc_secret_file
    secret = secret_in("MANYHANDS_OIDC_SECRET_FILE", file) if file else None
    async with httpx.AsyncClient(timeout=PATIENCE, follow_redirects=False, trust_env=False) as http:
        yield Provider(Client(settings.oidc_issuer, settings.oidc_client, secret), keep, http)
