"""Mails about offers that arrived, from a partner's feed to the attempt to send one; all of it in `keep`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from projections.referral.state import decode_client, decode_referral, offer_of
from projections.sql import statement
from projections.store.outage import outages
from projections.store.pool import Connection, Pool
from services.runtime.moment import SQL as MOMENT
from services.runtime.random import fresh, hashed

SQL = Path(__file__).with_name("outbox.sql")
#: How long a process has to send what it claimed, before another one may.
LEASE = timedelta(minutes=2)


class NotFolded(Exception):
    """The offer is not in the build that is served now, which may be one that has yet to come so far."""


class Waiting(NamedTuple):
    """A mail that was claimed."""

    mail: str
    initiative: str
    partner: str
    referral: str
    offer: str
    protected: bool
    attempts: int


class Ready(NamedTuple):
    """What a claimed mail is made of: to whom it goes, and the secret of its link unless it leads to none."""

    waiting: Waiting
    email: str
    secret: str | None


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
            await connection.execute(statement(SQL, "released"), self._topic)
            await connection.execute(statement(SQL, "released_read"), self._topic)
            moved = await connection.fetch(statement(SQL, "moved"), self._topic)
            partitions, since, until = ([row[name] for row in moved] for name in ("partition", "since", "until"))
            if not moved:
                return False
            await connection.execute(statement(SQL, "arrived"), partitions, since, until)
            await connection.execute(statement(SQL, "read"), self._topic, partitions, until)
            return True

    async def claim(self, lease: timedelta = LEASE) -> Waiting | None:
        """Take the next mail that is due, for as long as the lease; None when none is."""
        async with self._transaction() as connection:
            row = await connection.fetchrow(statement(SQL, "claim"), lease)
            return Waiting(**row) if row else None

    async def prepare(self, waiting: Waiting) -> Ready | None:
        """Write the attempt down with the link that it carries; None when there is nothing to mail any more.

        A protected offer's mail carries none.  Raises NotFolded.
        """
        async with self._transaction() as connection:
            email = await connection.fetchval(statement(SQL, "address"), waiting.initiative, waiting.partner)
            found = await _open_offer(connection, waiting)
            if email is None or found is None:
                return None
            record, ends = found
            secret, link = None, None
            if not waiting.protected:
                secret = fresh()
                about = (record, waiting.partner, waiting.referral, waiting.offer)
                link = await connection.fetchval(
                    statement(SQL, "link"), hashed(secret), waiting.initiative, *about, email, ends
                )
            await connection.execute(statement(SQL, "attempt"), waiting.mail, waiting.attempts, link)
            return Ready(waiting, email, secret)

    async def sent(self, waiting: Waiting) -> None:
        """Note that the mail is out."""
        async with self._transaction() as connection:
            await connection.execute(statement(SQL, "told"), waiting.mail, waiting.attempts, "sent")
            await connection.execute(statement(SQL, "sent"), waiting.mail)

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


async def _open_offer(connection: Connection, waiting: Waiting) -> tuple[str, datetime] | None:
    """Return the offer's record key and deadline while it waits for this partner's answer.  Raises NotFolded."""
    record = await connection.fetchval(statement(SQL, "record"), waiting.initiative, waiting.referral)
    row: Any = record and await connection.fetchrow(
        statement(SQL, "state"), waiting.initiative, record, waiting.referral
    )
    if not row:
        raise NotFolded
    offer = offer_of(decode_referral(row["state"]), waiting.offer)
    if offer is None or decode_client(row["client"]).erased or offer.recipient != waiting.partner:
        return None
    open_ = offer.status == "requested" and datetime.now(UTC) < offer.respond_by
    return (record, offer.respond_by) if open_ else None
