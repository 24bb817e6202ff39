"""A lease on work that one process at a time does: a row with an expiry by PostgreSQL's clock.

A process that was frozen may go on for a moment after its lease ran out, so whatever is done under one must be
harmless when it is done twice.
"""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from projections.sql import statement
from projections.store.outage import outages
from projections.store.pool import Pool

SQL = Path(__file__).with_name("lease.sql")


class Lease:
    """One process's claim on the work of this name.  Each method raises Away when PostgreSQL does not answer."""

    def __init__(self, pool: Pool, work: str, lasts: timedelta) -> None:
        self._pool = pool
        self._work = work
        self._lasts = lasts
        self._holder = uuid4()

    async def take(self) -> bool:
        """Take the lease, or renew it; say whether it is ours from now on."""
        with outages():
            return await self._pool.fetchval(statement(SQL, "take"), self._work, self._holder, self._lasts) is not None

    async def leave(self) -> None:
        """Let the next process have it at once; nothing when it is not ours."""
        with outages():
            await self._pool.execute(statement(SQL, "leave"), self._work, self._holder)
