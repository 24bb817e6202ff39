"""Sign-in links: used once, soon, and in the browser that asked for them."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from services.gateway.store import Keep
from services.runtime.random import fresh, hashed

SQL = Path(__file__).with_name("links.sql")
LIFE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Asked:
    """A link that was made; `known` says whether there is somebody to send it to."""

    secret: str
    known: bool

    def __repr__(self) -> str:
        return "Asked()"


class Links:
    """Every link.  Each method raises Away when PostgreSQL does not answer."""

    def __init__(self, keep: Keep) -> None:
        self._keep = keep

    async def ask(self, email: str | None, browser: str, life: timedelta = LIFE) -> Asked:
        """Make a link for whoever has this address; the work is the same when nobody has it."""
        secret = fresh()
        [row] = await self._keep.fetch(SQL, "ask", hashed(secret), hashed(browser), email or "", life)
        return Asked(secret, row["known"])

    async def use(self, secret: str, browser: str) -> str | None:
        """Return the person that the link is for, who cannot use it again; None when it is worth nothing here."""
        row = await self._keep.one(SQL, "use", hashed(secret), hashed(browser))
        return row["person"] if row else None
