"""What ended long ago in `keep`, let go of: sessions, tokens, links, mails, and what was on its way to them.

How long each stays is written in the function that forgets it (keep/0011_tidy.sql, keep/0019_links.sql), which reaches
nothing else.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from types import MappingProxyType

from projections.batch import Away
from services.gateway.store import Keep
from services.runtime import logging

SQL = Path(__file__).with_name("tidying.sql")
#: What is let go of, and the statement that does so.
KINDS = MappingProxyType(
    dict.fromkeys(("session", "token", "approval", "link", "handshake", "ticket"), "tidy")
    | dict.fromkeys(("given_link", "link_session", "outbox", "client_link"), "tidy_links")
)
#: Rows forgotten by one statement.
BATCH = 1000
#: Seconds between two rounds, and until another attempt when PostgreSQL is away.
DAY_S, AGAIN_S = 86_400.0, 60.0

log = logging.get(__name__)


async def tidied(keep: Keep, most: int = BATCH) -> dict[str, int]:
    """Forget what ended long ago, `most` rows a statement, and return how many rows of each kind; raises Away.

    Two that tidy at once forget nothing twice, and either may find less to do than there is.
    """
    return {kind: await _forgotten(keep, kind, most) for kind in KINDS}


async def _forgotten(keep: Keep, kind: str, most: int) -> int:
    total = 0
    while True:
        [row] = await keep.fetch(SQL, KINDS[kind], kind, most)
        gone = int(row["gone"])
        total += gone
        if gone < most:
            return total


@asynccontextmanager
async def tidying(keep: Keep) -> AsyncIterator[None]:
    """Tidy now and once a day while the block runs."""
    task = asyncio.create_task(_daily(keep))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _daily(keep: Keep) -> None:
    while True:
        try:
            gone = await tidied(keep)
        except Away as away:
            log.warning("tidying-away", reason=str(away))
            await asyncio.sleep(AGAIN_S)
            continue
        if any(gone.values()):
            log.info("keep-tidied", forgotten=gone)
        await asyncio.sleep(DAY_S)
