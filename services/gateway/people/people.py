"""What the routes for people stand on, opened once for the process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from services.gateway.people import mail, oidc
from services.gateway.people.approvals import Approvals
from services.gateway.people.cookies import Cookies
from services.gateway.people.links import Links
from services.gateway.people.mail import LOOPBACK, Post
from services.gateway.people.oidc import Provider
from services.gateway.people.places import safe
from services.gateway.people.sessions import Sessions
from services.gateway.store import Keep
from services.gateway.telemetry import Telemetry
from services.runtime.errors import SettingInvalid
from services.runtime.settings import Settings


@dataclass(frozen=True)
class People:
    """Reached by routes as `request.app.state.parts.people`."""

    links: Links
    sessions: Sessions
    approvals: Approvals
    cookies: Cookies
    post: Post
    provider: Provider | None


@asynccontextmanager
async def opened(settings: Settings, keep: Keep, key: bytes, telemetry: Telemetry) -> AsyncIterator[People]:
    """Open everything about people, and close it after.  Raises SettingInvalid."""
    signs_in = settings.smtp is not None or settings.oidc_issuer is not None
    if signs_in and settings.public_url is None and settings.gateway_host not in LOOPBACK:
        raise SettingInvalid("MANYHANDS_PUBLIC_URL must say where people reach the gateway, as mails lead there")
    if settings.public_url is not None and not safe(settings.public_url):
        raise SettingInvalid("MANYHANDS_PUBLIC_URL must begin with https")
    async with mail.opened(settings, telemetry) as post, oidc.opened(settings, keep) as provider:
        cookies = Cookies(settings, key)
        yield People(Links(keep), Sessions(keep), Approvals(keep), cookies, post, provider)
