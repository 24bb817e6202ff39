"""Mails about what reached partners, from a partner's feed to the attempt to send one; all of it in `keep`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from projections.communication.notes import Kind
from projections.referral.state import Offer, decode_client, decode_referral, offer_of
from projections.sql import statement
from projections.store.outage import outages
from projections.store.pool import Connection, Pool
from services.notifications.letter import LETTERS, Letter
from services.runtime.moment import SQL as MOMENT
from services.runtime.random import fresh, hashed

SQL = Path(__file__).with_name("outbox.sql")
#: How long a process has to send what it claimed, before another one may.
LEASE = timedelta(minutes=2)
#: What is mailed: kinds of entries, and whom of those that they reach.
_MAILED = tuple(map(list, zip(*((kind, why) for kind, said in LETTERS.items() for why in said.to), strict=True)))


class Standing(NamedTuple):
    """An offer as it stands, and the record key of the client."""

    record: str
    offer: Offer


class NotFolded(Exception):
    """The offer is not in the build that is served now, which may be one that has yet to come so far."""


class Waiting(NamedTuple):
    """A mail that was claimed."""

    mail: str
    initiative: str
    partner: str
    kind: Kind
    referral: str
    offer: str
    protected: bool
    attempts: int


class Ready(NamedTuple):
    """What a claimed mail is made of: to whom it goes, and the secret of its link unless it leads to none."""

    waiting: Waiting
    email: str
    secret: str | None = None
    #: There would be a link, but for one to the same offer that was taken back.
    withdrawn: bool = False


class Outbox:
    """Every mail.  Each method raises Away when PostgreSQL does not answer.

    The pool's role is that of notifications, its search path the schema that readers of communication use.
    """

    def __init__(self, pool: Pool, topic: str) -> None:
        self._pool = pool
        self._topic = topic

    async def begin(self, partitions: int) -> None:
        """Begin with what is told from now on, unless that was done before."""
        async with self._transaction() as connection:
            await connection.execute(statement(SQL, "lock"))
            first = await connection.fetch(statement(SQL, "begin"), self._topic, partitions)
            await connection.execute(statement(SQL, "begin_released"), self._topic)
            if first and await _is_there(connection):
                await connection.execute(statement(SQL, "begin_at"), self._topic)

    async def read_on(self) -> bool:
        """Write mails for what was told since the last time, and note in the same transaction how far that is.

        Returns whether there was anything to read.
        """
        async with self._transaction() as connection:
            if not await _is_there(connection):
                return False
            await connection.execute(statement(SQL, "lock"))
            await connection.execute(statement(SQL, "released"), self._topic, *_MAILED)
            await connection.execute(statement(SQL, "released_read"), self._topic)
            moved = await connection.fetch(statement(SQL, "moved"), self._topic)
            partitions, since, until = ([row[name] for row in moved] for name in ("partition", "since", "until"))
            if not moved:
                return False
            await connection.execute(statement(SQL, "arrived"), partitions, since, until, *_MAILED)
            await connection.execute(statement(SQL, "read"), self._topic, partitions, until)
            return True

    async def claim(self, lease: timedelta = LEASE) -> Waiting | None:
        """Take the next mail that is due, for as long as the lease; None when none is."""
        async with self._transaction() as connection:
            row = await connection.fetchrow(statement(SQL, "claim"), lease)
            return Waiting(**row) if row else None

    async def prepare(self, waiting: Waiting) -> Ready | None:
        """Write the attempt down with the link that it carries; None when there is nothing to mail any more.

        A protected offer's mail carries none, and neither does one about an offer to which a link was taken back.
        Raises NotFolded.
        """
        said = LETTERS[waiting.kind]
        async with self._transaction() as connection:
            email = await connection.fetchval(statement(SQL, "address"), waiting.initiative, waiting.partner)
            if email is None:
                return None
            ready, link = Ready(waiting, email), None
            if said.still is not None:
                found = await _standing(connection, waiting)
                if found is None or not _is_due(said, found.offer, waiting.partner):
                    return None
                if said.link and found.offer.recipient and not waiting.protected:
                    ready = await _leading(connection, ready)
                if ready.secret is not None:
                    link = await _linked(connection, ready, found)
            await connection.execute(statement(SQL, "attempt"), waiting.mail, waiting.attempts, link)
            return ready

    async def sent(self, waiting: Waiting) -> None:
        """Note that the mail is out, and that it told all that would have been told alike."""
        async with self._transaction() as connection:
            await connection.execute(statement(SQL, "told"), waiting.mail, waiting.attempts, "sent")
            await connection.execute(statement(SQL, "sent"), waiting.mail)
            if not LETTERS[waiting.kind].link:
                await connection.execute(statement(SQL, "alike"), waiting.mail, waiting.attempts)

    async def failed(self, waiting: Waiting, outcome: str, again: timedelta | None) -> None:
        """Note why an attempt came to nothing, and when the next one is made, if there is to be one."""
        async with self._transaction() as connection:
            await connection.execute(statement(SQL, "told"), waiting.mail, waiting.attempts, outcome)
            if again is None:
                await connection.execute(statement(SQL, "give_up"), waiting.mail)
            else:
                await connection.execute(statement(SQL, "again"), waiting.mail, again)

    async def overtaken(self, waiting: Waiting) -> None:
        """Note that there is nothing to mail any more."""
        async with self._transaction() as connection:
            await connection.execute(statement(SQL, "give_up"), waiting.mail)

    async def waiting(self) -> int:
        """Return how many mails are not out yet."""
        async with self._transaction() as connection:
            return int(await connection.fetchval(statement(SQL, "waiting")))

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Connection]:
        with outages():
            async with self._pool.acquire() as connection, connection.transaction():
                await connection.execute(statement(MOMENT, "within"), "")
                yield connection


async def _is_there(connection: Connection) -> bool:
    return bool(await connection.fetchval(statement(SQL, "known")))


async def _standing(connection: Connection, waiting: Waiting) -> Standing | None:
    """Return the offer, unless the client is erased.  Raises NotFolded."""
    record = await connection.fetchval(statement(SQL, "record"), waiting.initiative, waiting.referral)
    row: Any = record and await connection.fetchrow(
        statement(SQL, "state"), waiting.initiative, record, waiting.referral
    )
    if not row:
        raise NotFolded
    offer = offer_of(decode_referral(row["state"]), waiting.offer)
    return None if offer is None or decode_client(row["client"]).erased else Standing(record, offer)


def _is_due(said: Letter, offer: Offer, partner: str) -> bool:
    """Say whether the offer is still as the mail tells it, and whoever is asked by it still the one."""
    asks = "sender" in said.to or (partner == offer.recipient if offer.recipient else partner in offer.members)
    return asks and said.still is not None and said.still(offer, datetime.now(UTC))


async def _leading(connection: Connection, ready: Ready) -> Ready:
    """Return it with the secret of a link, unless one to this offer was taken back and none was given since."""
    of = (ready.waiting.initiative, ready.waiting.partner, ready.waiting.offer)
    if await connection.fetchval(statement(SQL, "withdrawn"), *of):
        return ready._replace(withdrawn=True)
    return ready._replace(secret=fresh())


async def _linked(connection: Connection, ready: Ready, found: Standing) -> str:
    """Make the link that this attempt carries, and return its name."""
    waiting = ready.waiting
    about = (found.record, waiting.partner, waiting.referral, waiting.offer)
    terms = (hashed(ready.secret or ""), waiting.initiative, *about, ready.email, found.offer.respond_by)
    return str(await connection.fetchval(statement(SQL, "link"), *terms))
