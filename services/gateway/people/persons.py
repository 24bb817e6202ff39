"""The people who can sign in: their e-mail addresses are in `keep` alone, their roles on the log alone."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from services.gateway.store import Keep

SQL = Path(__file__).with_name("persons.sql")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of a partner; `person` is the random id by which the log speaks of them."""

    person: str
    initiative: str
    partner: str
    email: str = field(repr=False)
    added: datetime
    ended: datetime | None


class Persons:
    """Everybody.  Each method raises Away when PostgreSQL does not answer."""

    def __init__(self, keep: Keep) -> None:
        self._keep = keep

    async def add(self, person: str, initiative: str, partner: str, email: str) -> bool:
        """Let the person sign in by this address; False when the id or the address is somebody's already."""
        return await self._keep.one(SQL, "add", person, initiative, partner, email) is not None

    async def list(self, initiative: str | None = None, partner: str | None = None) -> list[Person]:
        """Return everybody, by initiative and partner, the first added first."""
        return [Person(**row) for row in await self._keep.fetch(SQL, "list", initiative, partner)]

    async def by_email(self, email: str) -> Person | None:
        """Return who signs in by this address."""
        row = await self._keep.one(SQL, "by_email", email)
        return Person(**row) if row else None

    async def ended(self, persons: Iterable[str]) -> frozenset[str]:
        """Return those of them who may not sign in any more."""
        return frozenset(row["person"] for row in await self._keep.fetch(SQL, "ended", list(persons)))

    async def deactivate(self, person: str) -> bool:
        """End the person's sessions and let nobody sign in as them again; False when there is no such person."""
        return await self._keep.one(SQL, "deactivate", person) is not None
