"""An identity provider on loopback, for tests: it vouches for whom it is told, and can be made to lie."""

import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

CLIENT, SECRET = "manyhands", "correct horse"


@dataclass
class Issuer:
    """What it says, and what it was asked."""

    url: str = ""
    #: Laid over what a good token says; a value of None leaves the claim out.
    claims: dict[str, Any] = field(default_factory=dict)
    #: Laid over what the provider says of itself.
    described: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1"}))
    #: Signs in its place: a foreign key, or one of another kind.
    forger: RSAKey | OctKey | None = None
    algorithm: str = "RS256"
    asked: dict[str, str] = field(default_factory=dict)

    def visited(self, place: str) -> dict[str, str]:
        """Have somebody sign in there, and return what the browser comes back with."""
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(place).query).items()}
        return {"code": "the code", "state": self.asked["state"]}

    def token(self) -> str:
        now = int(time.time())
        usual = {"iss": self.url, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 60, "email_verified": True}
        said = usual | {"nonce": self.asked.get("nonce"), "email": "ada@clinic.example"} | self.claims
        kept = {name: value for name, value in said.items() if value is not None}
        header = {"alg": self.algorithm, "kid": "1"}
        return jwt.encode(header, kept, self.forger or self.key, algorithms=[self.algorithm])

    async def describe(self, _: web.Request) -> web.Response:
        places = {f"{name}_endpoint": f"{self.url}/{name}" for name in ("authorization", "token")}
        return web.json_response({"issuer": self.url, "jwks_uri": f"{self.url}/keys", **places} | self.described)

    async def keys(self, _: web.Request) -> web.Response:
        return web.json_response(KeySet([self.key]).as_dict(private=False))

    async def redeem(self, request: web.Request) -> web.Response:
        form = await request.post()
        proved = urlsafe_b64encode(sha256(str(form["code_verifier"]).encode()).digest()).rstrip(b"=").decode()
        login = b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode()
        good = (
            form["code"] == "the code"
            and proved == self.asked["code_challenge"]
            and form["redirect_uri"] == self.asked["redirect_uri"]
            and login == f"{CLIENT}:correct%20horse"
        )
        return web.json_response({"id_token": self.token()}) if good else web.json_response({}, status=400)


@asynccontextmanager
async def issuing() -> AsyncIterator[Issuer]:
    """Run a provider while the block runs."""
    issuer = Issuer()
    app = web.Application()
    app.router.add_get("/.well-known/openid-configuration", issuer.describe)
    app.router.add_get("/keys", issuer.keys)
    app.router.add_post("/token", issuer.redeem)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        issuer.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield issuer
    finally:
        await runner.cleanup()
