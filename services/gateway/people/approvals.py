"""What needs two people: asked for by one, decided by another, and kept with who did either."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from services.gateway.store import Keep

SQL = Path(__file__).with_name("approvals.sql")
State = Literal["waiting", "refused", "expired", "approved", "published"]
#: How long it waits for the second person.
LIFE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Approval:
    """A request that a person be a coordinator."""

    approval: str
    initiative: str
    partner: str
    person: str
    asked_by: str
    asked_at: datetime
    expires: datetime
    decided_by: str | None
    decided_at: datetime | None
    approved: bool | None
    event: str | None
    expired: bool

    @property
    def state(self) -> State:
        """`waiting`, `refused`, `expired`, `approved` while its event is on its way, or `published`."""
        if self.approved is None:
            return "expired" if self.expired else "waiting"
        if not self.approved:
            return "refused"
        return "approved" if self.event is None else "published"


class Approvals:
    """Every request.  Each method raises Away when PostgreSQL does not answer."""

    def __init__(self, keep: Keep) -> None:
        self._keep = keep

    async def ask(self, initiative: str, partner: str, person: str, asker: str, life: timedelta = LIFE) -> Approval:
        """Keep a request until it is decided or expires."""
        [row] = await self._keep.fetch(SQL, "ask", initiative, partner, person, asker, life)
        return Approval(**row)

    async def list(self, initiative: str) -> list[Approval]:
        """Return the initiative's last hundred requests, the latest first."""
        return [Approval(**row) for row in await self._keep.fetch(SQL, "list", initiative)]

    async def find(self, initiative: str, approval: str) -> Approval | None:
        """Return one of the initiative's requests."""
        row = await self._keep.one(SQL, "find", initiative, approval)
        return Approval(**row) if row else None

    async def decide(self, asked: Approval, who: str, approved: bool) -> Approval | None:
        """Decide a request that still waits, and keep who did; None when it does not, or when it is their own.

        One may take back what one asked for, and not approve it.
        """
        code = "coordinator.approved" if approved else "coordinator.refused"
        row = await self._keep.one(SQL, "decide", asked.initiative, asked.approval, who, approved, code)
        return Approval(**row) if row else None

    async def published(self, asked: Approval, event: str) -> None:
        """Note the event in which an approved request ended."""
        await self._keep.fetch(SQL, "published", asked.approval, event)
