"""Where scenes play: the gateway's address, partners' systems, people at browsers, and the mails that come."""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

import httpx

from services.gateway.access import Action
from services.gateway.people.persons import Persons
from services.gateway.store import Keep
from services.gateway.tokens import Holder, Tokens
from services.ops import doorway
from services.ops.demo.mailbox import Mailbox
from services.ops.demo.scenes.browser import Browser
from services.ops.demo.scenes.desk import Desk
from services.ops.demo.world import INITIATIVE, Partner
from services.ops.local.ports import HOST, choose
from services.ops.stage import Stage
from services.runtime.roles import Role
from services.runtime.settings import Settings
from services.runtime.store import migrated

#: Seconds that a request may take on a machine that has other work.
PATIENCE_S = 60.0
#: Who sends in these scenes; `make up` lets somebody of it sign in by the same address.
SENDER = doorway.SENDER
#: Settings that would lead mails of the demonstration elsewhere.
_ELSEWHERE = ("SMTP_USER", "SMTP_PASSWORD_FILE", "SMTP_CA_FILE")


def environ(smtp: str) -> None:
    """Have the services that start from now on send mails there, and say in them where their gateway is."""
    [port] = choose(1)
    for name in _ELSEWHERE:
        os.environ.pop(f"MANYHANDS_{name}", None)
    said = {"GATEWAY_PORT": str(port), "PUBLIC_URL": f"http://{HOST}:{port}", "SMTP": smtp, "SMTP_SECURITY": "none"}
    os.environ.update({f"MANYHANDS_{name}": value for name, value in said.items()})


@dataclass
class House:
    """All of it, for as long as the demonstration runs."""

    settings: Settings
    url: str
    mails: Mailbox
    partners: Sequence[Partner]
    #: The backbone's registrar, by the id that the log gives them.
    registrar: str
    _keep: Keep
    _stack: AsyncExitStack
    _desks: dict[str, Desk] = field(default_factory=dict)
    #: All that was written about people in the scenes.
    sealed: list[str] = field(default_factory=list)
    #: When the history was on record, and what happens live was not.
    loaded: datetime | None = None

    def partner(self, name: str) -> Partner:
        """Return one of the thirty."""
        return next(each for each in self.partners if each.id == name)

    async def desk(self, name: str) -> Desk:
        """Return the partner's system, with a token of its own."""
        if name not in self._desks:
            holder = Holder(INITIATIVE, name, None, frozenset(Action))
            issued = await Tokens(self._keep).issue(holder)
            self._desks[name] = Desk(
                self.partner(name), await self._client(f"Bearer {issued.text}"), sealed=self.sealed
            )
        return self._desks[name]

    async def browser(self) -> Browser:
        """Return a browser that nobody has used."""
        return Browser(await self._client())

    async def let_in(self, partner: str, email: str, person: str | None = None) -> None:
        """Let somebody of the partner sign in by this address."""
        await Persons(self._keep).add(person or str(uuid4()), INITIATIVE, partner, email)

    async def _client(self, authorization: str | None = None) -> httpx.AsyncClient:
        headers = {"Authorization": authorization} if authorization else {}
        made = httpx.AsyncClient(
            base_url=self.url, headers=headers, timeout=PATIENCE_S, follow_redirects=True, trust_env=False
        )
        return await self._stack.enter_async_context(made)


@asynccontextmanager
async def opened(stage: Stage, mails: Mailbox, partners: Sequence[Partner], registrar: str) -> AsyncIterator[House]:
    """Give the house of a stage that runs."""
    async with (
        AsyncExitStack() as stack,
        migrated(stage.settings.postgres, role=Role.OPERATOR, application="manyhands-demo-scenes", size=1) as pool,
    ):
        yield House(stage.settings, doorway.address(stage), mails, partners, registrar, Keep(pool), stack)
