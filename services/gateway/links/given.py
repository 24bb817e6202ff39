"""Links as `keep` has them: made, looked up by their secret, tried with a code, revoked."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, NamedTuple

from events.disclosure import THEMSELF
from services.admission.caller import ClientLink, Link
from services.gateway.principal import Kind, Principal
from services.gateway.store import Keep
from services.runtime.random import fresh, hashed

SQL = Path(__file__).with_name("links.sql")
What = Literal["offer", "client"]
#: How long a code can be used, and how long until another one is sent.
CODE_LIFE, CODE_PAUSE = timedelta(minutes=10), timedelta(seconds=30)
#: How long a session lasts without a request, and altogether: phones are lent, and a client's is looked over.
IDLE = {"offer": timedelta(minutes=20), "client": timedelta(minutes=10)}
LIFE = {"offer": timedelta(hours=2), "client": timedelta(minutes=30)}
#: Links that are listed at most.
MOST = 200


class Offered(NamedTuple):
    """The offer that a link leads to, and the partner that it was made to."""

    partner: str
    referral: str
    record: str
    offer: str


class Maker(NamedTuple):
    """Who has a link made or revokes it."""

    initiative: str
    partner: str
    person: str | None


@dataclass(frozen=True, slots=True)
class Given:
    """A link that was found."""

    #: Names it on the log, and opens nothing.
    link: str
    kind: What
    initiative: str
    record: str
    #: Of a link to an offer: the partner that it was made for.
    partner: str | None
    referral: str | None
    offer: str | None
    #: Of a client's own: a guardian holds it.
    guardian: bool
    #: The partner that had it made; none where it was made as an offer arrived.
    made_by: str | None
    ends: datetime

    @property
    def caller(self) -> Link | ClientLink:
        """Return who speaks through it, as admission knows them."""
        if self.kind == "client":
            return ClientLink(self.initiative, self.record, self.link)
        return Link(self.initiative, self.partner or "", self.offer or "", self.referral or "", self.record, self.link)

    @property
    def principal(self) -> Principal:
        """Return who looks through it."""
        if self.kind == "client":
            name = f"client-link:{self.link}"
            return Principal(Kind.CLIENT, self.initiative, about=self.record, credential=name, made_by=self.made_by)
        return Principal(Kind.LINK, self.initiative, self.partner, about=self.offer, credential=f"link:{self.link}")


@dataclass(frozen=True, slots=True)
class Listed:
    """A link as the partners see it who had it made or whose offer it leads to."""

    link: str
    kind: What
    initiative: str
    record: str
    partner: str | None
    referral: str | None
    offer: str | None
    guardian: bool
    made_by: str | None
    made_by_person: str | None
    made: datetime
    ends: datetime
    revoked: datetime | None
    revoked_by: str | None
    tries: int
    codes: int


class Links:
    """Every link.  Each method raises Away when PostgreSQL does not answer."""

    def __init__(self, keep: Keep, key: bytes) -> None:
        self._keep = keep
        self._key = key

    async def to_offer(self, maker: Maker, to: Offered, ends: datetime) -> tuple[str, str] | None:
        """Make a link and return its name and its secret; None when the partner has no address for codes."""
        secret = fresh()
        about = (to.partner, to.record, to.referral, to.offer)
        row = await self._keep.one(
            SQL, "make_offer", hashed(secret), maker.initiative, *about, maker.partner, maker.person, ends
        )
        return None if row is None else (row["link"], secret)

    async def to_client(
        self, maker: Maker, record: str, email: str, ends: datetime, *, guardian: bool
    ) -> tuple[str, str]:
        """Make a client's own link, whose codes go to this address; return its name and its secret."""
        secret = fresh()
        [row] = await self._keep.fetch(
            SQL, "make_client", hashed(secret), maker.initiative, record, guardian, email, *maker[1:], ends
        )
        return row["link"], secret

    async def to_own(self, initiative: str, record: str, *, guardian: bool) -> list[Listed]:
        """Return the links in force to a client's own page, the latest first; to a guardian those of guardians."""
        rows = await self._keep.fetch(SQL, "to_own", initiative, record, guardian, MOST)
        return [Listed(**row) for row in rows]

    async def list(self, maker: Maker, record: str | None = None) -> list[Listed]:
        """Return the links that are the partner's to see, of one record or of all, the latest first."""
        rows = await self._keep.fetch(SQL, "list", maker.initiative, maker.partner, MOST, record)
        return [Listed(**row) for row in rows]

    async def revoke(self, maker: Maker, link: str) -> bool:
        """End a link and its sessions; True as well when it was ended before, False when it is not the partner's."""
        about = (link, maker.initiative, maker.partner)
        if await self._keep.one(SQL, "revoke", *about, maker.person) is not None:
            return True
        return await self._keep.one(SQL, "revoked", *about) is not None

    async def end_own(self, given: Given, link: str) -> bool:
        """End one of those and its sessions, as the client wants it; False when it is none."""
        about = (given.initiative, given.record, given.guardian)
        return await self._keep.one(SQL, "end_own", link, *about, THEMSELF) is not None

    async def find(self, kind: What, secret: str) -> Given | None:
        """Return the link of this secret, unless it was revoked or took too many wrong codes."""
        row = await self._keep.one(SQL, "find", hashed(secret), kind)
        return Given(**row) if row else None

    async def ask(self, given: Given, code: str, browser: str) -> str | None:
        """Have the code be the link's, in this browser alone; return where to send it, None when it is too soon."""
        kept = (self._coded(given.link, code), hashed(browser), CODE_LIFE, CODE_PAUSE)
        row = await self._keep.one(SQL, "ask", given.link, *kept)
        return row["email"] if row else None

    async def enter(self, kind: What, secret: str, code: str, browser: str) -> Given | None:
        """Return the link when this is its code, which then is used up; each wrong one counts against the link."""
        async with self._keep.transaction() as transaction:
            row = await transaction.one(SQL, "tried", hashed(secret), kind)
            if row is None:
                return None
            said = dict(row)
            kept, asked_in = bytes(said.pop("code")), bytes(said.pop("code_browser"))
            given = Given(**said)
            fits = hmac.compare_digest(kept, self._coded(given.link, code))
            right = hmac.compare_digest(asked_in, hashed(browser)) and fits
            await transaction.fetch(SQL, "right" if right else "wrong", given.link)
            return given if right else None

    async def open(self, given: Given, before: str | None) -> str:
        """Open a session and return the cookie's text; `before` is the one that it ends."""
        text = fresh()
        await self._keep.fetch(SQL, "open", hashed(text), given.link, hashed(before or ""), LIFE[given.kind])
        return text

    async def session(self, kind: What, text: str) -> Given | None:
        """Return the link of the session that this cookie names, and note that it was used."""
        row = await self._keep.one(SQL, "session", hashed(text), kind, IDLE[kind])
        return Given(**row) if row else None

    async def leave(self, text: str) -> None:
        """End the session."""
        await self._keep.fetch(SQL, "leave", hashed(text))

    def _coded(self, link: str, code: str) -> bytes:
        """Return what is kept of a code: so few digits are guessed from a plain hash."""
        return hmac.digest(self._key, f"code\0{link}\0{code}".encode(), "sha256")
