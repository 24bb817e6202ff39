"""Where partners have their mails sent: kept in `keep` alone, and set by the partner itself or an operator."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from services.gateway.store import Keep

SQL = Path(__file__).with_name("addresses.sql")


@dataclass(frozen=True, slots=True)
class Address:
    """A partner's address."""

    initiative: str
    partner: str
    email: str = field(repr=False)
    set_at: datetime


class Addresses:
    """Every address.  Each method raises Away when PostgreSQL does not answer."""

    def __init__(self, keep: Keep) -> None:
        self._keep = keep

    async def set(self, initiative: str, partner: str, email: str, person: str | None = None) -> None:
        """Have the partner's mails sent there; links whose codes went to the address before it end."""
        await self._keep.fetch(SQL, "set", initiative, partner, email, person)

    async def list(self, initiative: str | None = None, partner: str | None = None) -> list[Address]:
        """Return every address, or those asked for."""
        return [Address(**row) for row in await self._keep.fetch(SQL, "get", initiative, partner)]

    async def get(self, initiative: str, partner: str) -> Address | None:
        """Return the partner's address, if it has one."""
        found = await self.list(initiative, partner)
        return found[0] if found else None

    async def forget(self, initiative: str, partner: str, person: str | None = None) -> bool:
        """Send no mails any more and end the links to its offers; False when there was no address."""
        return await self._keep.one(SQL, "forget", initiative, partner, person) is not None
