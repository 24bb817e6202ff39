"""Requests to link or unlink two ids of clients, in `keep`: who asked, who decided, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from services.gateway.store import Keep

SQL = Path(__file__).with_name("requests.sql")
State = Literal["waiting", "refused", "expired", "approved", "published", "partly-applied", "not-applied"]
Outcome = Literal["applied", "partly", "refused"]
#: How long it waits for the two persons.
LIFE = timedelta(days=30)
_IDS = ("request", "client", "other", "person", "first_by", "second_by", "refused_by")
#: How a request ended whose events stand on the log; those of before outcomes were looked at count as done.
_ENDED: Mapping[Outcome | None, State] = MappingProxyType(
    {None: "published", "applied": "published", "partly": "partly-applied", "refused": "not-applied"}
)


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """Two ids of clients, and what is asked of them.  Ids of clients are the log's own and are shown to nobody."""

    request: str
    initiative: str
    client: str
    other: str
    #: Whether they are to be linked, or unlinked.
    link: bool
    #: The partner that asked, and its person where one did.
    partner: str
    person: str | None
    asked_at: datetime
    expires: datetime
    first_by: str | None
    second_by: str | None
    approved_at: datetime | None
    refused_by: str | None
    refused_at: datetime | None
    #: Why it was refused, as a code, where that was said.
    reason: str | None
    published: bool
    #: What the rules made of its events, and why; none while that is not known.
    outcome: Outcome | None
    code: str | None
    expired: bool

    @property
    def state(self) -> State:
        """`waiting`, `refused`, `expired`, `approved` until what became of its events is known, or how they ended."""
        if self.refused_by is not None:
            return "refused"
        if self.second_by is not None:
            return _ENDED[self.outcome] if self.published else "approved"
        return "expired" if self.expired else "waiting"


class LinkRequests:
    """Every request.  Each method raises Away when PostgreSQL does not answer."""

    def __init__(self, keep: Keep) -> None:
        self._keep = keep

    async def ask(
        self, asker: tuple[str, str, str | None], clients: tuple[str, str], *, link: bool, life: timedelta = LIFE
    ) -> LinkRequest:
        """Keep what the asker (initiative, partner, person) wants; return the same request where it waits already."""
        [row] = await self._keep.fetch(SQL, "ask", *asker, *clients, link, life)
        [found] = await self._read("find", asker[0], row["request"])
        return found

    async def find(self, initiative: str, request: str) -> LinkRequest | None:
        """Return one of the initiative's requests."""
        return next(iter(await self._read("find", initiative, request)), None)

    async def of_client(self, initiative: str, partner: str, client: str) -> list[LinkRequest]:
        """Return the last hundred that the partner made about the client, the latest first."""
        return await self._read("of_client", initiative, partner, client)

    async def approve(self, asked: LinkRequest, person: str) -> bool:
        """Let it happen as one of two; False where it does not wait, or the person asked or approved it before."""
        return bool(await self._keep.fetch(SQL, "approve", asked.initiative, asked.request, person))

    async def refuse(self, asked: LinkRequest, person: str, reason: str | None = None) -> bool:
        """End one that still waits; False when it does not."""
        return bool(await self._keep.fetch(SQL, "refuse", asked.initiative, asked.request, person, reason))

    async def published(self, asked: LinkRequest, outcome: Outcome, code: str | None) -> None:
        """Note that both events stand on the log, and what the rules made of them."""
        await self._keep.fetch(SQL, "published", asked.request, outcome, code)

    async def all(self, initiative: str) -> list[LinkRequest]:
        """Return the initiative's last hundred requests, the latest first."""
        return await self._read("list", initiative)

    async def _read(self, name: str, *arguments: Any) -> list[LinkRequest]:
        return [_request(row) for row in await self._keep.fetch(SQL, name, *arguments)]


def _request(row: Any) -> LinkRequest:
    named = {each.name: row[each.name] for each in fields(LinkRequest)}
    return LinkRequest(**named | {name: None if named[name] is None else str(named[name]) for name in _IDS})
