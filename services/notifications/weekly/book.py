"""Weekly mails as `keep` has them: weeks that were begun, the mails of each, and every attempt to send one."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from projections.sql import statement
from projections.store.outage import outages
from projections.store.pool import Pool
from services.runtime.random import fresh, hashed

SQL = Path(__file__).with_name("book.sql")
#: How long a process has to send what it claimed, before another one may.
LEASE = timedelta(minutes=2)
#: How long the link of a mail works, and how long a week is remembered.
LINK_LIFE, KEPT = timedelta(days=14), timedelta(days=180)


class Waiting(NamedTuple):
    """A mail that was claimed."""

    mail: str
    initiative: str
    partner: str
    services: tuple[str, ...]
    attempts: int


class Ready(NamedTuple):
    """What a claimed mail is made of besides: to whom it goes, and its link's secret and end."""

    email: str
    secret: str
    ends: datetime


class Book:
    """Every weekly mail.  Each method raises Away when PostgreSQL does not answer."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def begin(
        self, initiative: str, week: date, services: Mapping[str, Sequence[str]], now: datetime
    ) -> int | None:
        """Write the week's mails and return how many, None when somebody did before; `services` is by partner.

        An initiative's first week is noted and has no mails: a deployment that is set up, or brought up to date,
        in the middle of a week mails nobody out of the blue.
        """
        with outages():
            async with self._pool.acquire() as connection, connection.transaction():
                follows = await connection.fetchval(statement(SQL, "begin"), initiative, week, now)
                if follows is None:
                    return None
                await connection.execute(statement(SQL, "overtake"), initiative, week)
                rows = [(initiative, week, partner, list(of), now) for partner, of in services.items() if follows]
                written = [await connection.execute(statement(SQL, "write"), *row) for row in rows]
                await connection.execute(statement(SQL, "forget"), week - KEPT)
        return sum(int(each.rpartition(" ")[2]) for each in written)

    async def claim(self, lease: timedelta = LEASE) -> Waiting | None:
        """Take the next mail that is due, for as long as the lease; None when none is."""
        with outages():
            row = await self._pool.fetchrow(statement(SQL, "claim"), lease)
        return None if row is None else Waiting(**{**row, "services": tuple(row["services"])})

    async def prepare(self, waiting: Waiting, now: datetime) -> Ready | None:
        """Write the attempt down with the link that it carries; None when the partner has no address any more."""
        secret, ends = fresh(), now + LINK_LIFE
        with outages():
            email = await self._pool.fetchval(
                statement(SQL, "link"), hashed(secret), waiting.mail, waiting.attempts, ends
            )
        return None if email is None else Ready(email, secret, ends)

    async def sent(self, waiting: Waiting) -> None:
        """Note that the mail is out."""
        await self._noted(waiting, "sent", "sent")

    async def failed(self, waiting: Waiting, outcome: str, again: timedelta | None) -> None:
        """Note why an attempt came to nothing, and when the next one is made, if there is to be one."""
        if again is None:
            await self._noted(waiting, outcome, "give_up")
        else:
            await self._noted(waiting, outcome, "again", again)

    async def overtaken(self, waiting: Waiting) -> None:
        """Note that there is nothing to mail any more."""
        with outages():
            await self._pool.execute(statement(SQL, "give_up"), waiting.mail)

    async def _noted(self, waiting: Waiting, outcome: str, name: str, *arguments: timedelta) -> None:
        with outages():
            async with self._pool.acquire() as connection, connection.transaction():
                await connection.execute(statement(SQL, "told"), waiting.mail, waiting.attempts, outcome)
                await connection.execute(statement(SQL, name), waiting.mail, *arguments)
