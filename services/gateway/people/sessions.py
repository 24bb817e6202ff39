"""Sessions of people who signed in: known by the hash of a cookie, and ended by time, by the person or with them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from services.gateway.store import Keep
from services.runtime.random import fresh, hashed

SQL = Path(__file__).with_name("sessions.sql")
#: How long a session lasts without a request, and altogether.
IDLE, LIFE = timedelta(hours=1), timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Session:
    """A session in force."""

    session: str
    person: str
    initiative: str
    partner: str
    acting: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A session as its person sees it."""

    session: str
    opened: datetime
    seen: datetime
    expires: datetime


class Sessions:
    """Every session.  Each method raises Away when PostgreSQL does not answer."""

    def __init__(self, keep: Keep) -> None:
        self._keep = keep

    async def open(self, person: str, before: str | None = None, life: timedelta = LIFE) -> str:
        """Open a session and return the cookie's text, which is always a new one; `before` is the one it ends."""
        text = fresh()
        await self._keep.fetch(SQL, "open", hashed(text), person, hashed(before or ""), life)
        return text

    async def find(self, text: str, idle: timedelta = IDLE) -> Session | None:
        """Return the session of this cookie and note that it was used."""
        row = await self._keep.one(SQL, "find", hashed(text), idle)
        return Session(**row) if row else None

    async def act(self, session: str, acting: str) -> None:
        """Have the person act in this role from now on."""
        await self._keep.fetch(SQL, "act", session, acting)

    async def list(self, person: str, idle: timedelta = IDLE) -> list[Listed]:
        """Return the person's sessions that are in force, the oldest first."""
        return [Listed(**row) for row in await self._keep.fetch(SQL, "list", person, idle)]

    async def end(self, session: str, person: str) -> bool:
        """End one of the person's sessions; False when they have none of this id."""
        return await self._keep.one(SQL, "end", session, person) is not None
