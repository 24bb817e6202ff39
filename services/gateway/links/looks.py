"""Who was shown what about a client, as far as their own page tells it."""

from collections.abc import Sequence
from datetime import timedelta

from events.disclosure import THEMSELF
from projections.batch import Away
from services.disclosure.account import About, Line, of_client
from services.gateway.links.given import Given
from services.gateway.parts import Parts
from services.gateway.progress import ACCOUNTS, now

#: What is told: the latest ones of the last months.
PERIOD, MOST = timedelta(days=183), 20


async def looks(parts: Parts, given: Given) -> Sequence[Line] | None:
    """Return the latest looks by others; None while the account is behind its log, as what it leaves out was too.

    Raises LogAway when the log does not say where it ends.
    """
    end = await parts.accounted.last(given.record)
    about = About(given.initiative, given.record, now() - PERIOD)
    try:
        if end is not None:
            await parts.accounted.reach(end)
        async with parts.keep.snapshot(ACCOUNTS.projection, given.initiative) as transaction:
            if await parts.accounted.behind(transaction, end):
                return None
            lines = await of_client(transaction.run, about, None, None, 2 * MOST)
    except Away:
        return None
    return [line for line in lines if line.reader != THEMSELF][:MOST]
