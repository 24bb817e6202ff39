"""Who was given or shown what about a client, as far as their own page tells it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from events.disclosure import THEMSELF
from projections.batch import Away
from services.disclosure.account import PERIOD, About, Line
from services.disclosure.whole import START, After, Page
from services.gateway.links.given import Given
from services.gateway.parts import Parts
from services.gateway.progress import now
from services.gateway.whole import Asked, Behind, whole

#: What the page itself tells: the latest ones of the last months.
MONTHS, MOST = timedelta(days=183), 20


class Latest(NamedTuple):
    """The latest of it, and whether there is more."""

    lines: Sequence[Line]
    more: bool


async def latest(parts: Parts, given: Given) -> Latest | None:
    """Return what others were told; None while the account is behind its logs, as what it leaves out was too.

    Raises LogAway when a log does not say where it ends.
    """
    page = await account_of(parts, given, START, MOST)
    if page is None:
        return None
    since = now() - MONTHS
    lines = [line for line in page.lines if line.at >= since]
    return Latest(lines, page.next is not None or len(lines) < len(page.lines))


async def account_of(parts: Parts, given: Given, after: After, limit: int) -> Page | None:
    """Return a page of all that has to be accounted for, but for what they looked at themself; None as above."""
    about = About(given.initiative, given.record, now() - PERIOD, THEMSELF)
    try:
        page, _ = await whole(parts, about, None, Asked(after, limit))
    except (Away, Behind):
        return None
    return page
