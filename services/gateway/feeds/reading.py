"""A partner's feed page by page, in either direction."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from services.admission.publish import At
from services.gateway.cursor import MOST, USUAL
from services.gateway.feeds.cursors import LONGEST, Cursors, Way
from services.gateway.feeds.live import LOOK_S, PROJECTION, SQL
from services.gateway.feeds.shapes import shown
from services.gateway.parts import Parts
from services.gateway.principal import Principal
from services.gateway.problems import ProblemError
from services.gateway.progress import BUDGET
from services.gateway.seeing import shown_at
from services.notifications import feed
from services.notifications.feed import Ask, Cursor, Entry, Page, Place, Whose

PATH = "/v1/feed"


class Asked(BaseModel):
    """Which part of the feed: the newest page when neither direction is named."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(USUAL, ge=1, le=MOST)
    after: str | None = Field(None, max_length=LONGEST, description="The `cursor` of an earlier answer: oldest first.")
    before: str | None = Field(None, max_length=LONGEST, description="As the `next` of an answer names it.")
    token: str | None = Field(None, max_length=512, description="Of an answer to a POST: wait until that event shows.")


class Read(NamedTuple):
    """A page, how the caller goes on, and how far it is behind."""

    entries: Sequence[Entry]
    cursor: str | None
    next: str | None
    lag: int

    def told(self) -> Mapping[str, Any]:
        """Return it as it is answered with."""
        entries = [shown(each) for each in self.entries]
        return {**self._asdict(), "entries": entries, "stale": bool(self.lag)}


def whose(who: Principal) -> Whose:
    """Return whose feed the caller reads: its own partner's."""
    return Whose(who.initiative, who.partner or "")


async def read(parts: Parts, who: Principal, asked: Asked) -> Read:
    """Return a page.  Raises ProblemError for a cursor that is not the caller's or not for this direction."""
    if asked.after is not None and asked.before is not None:
        raise ProblemError(422, "bad-parameter", parameters=[{"in": "query", "name": "before"}])
    cursors, at = Cursors(parts.binding, who), shown_at(parts, who, asked.token)
    way = Way.BEFORE if asked.after is None else Way.AFTER
    text = asked.before if asked.after is None else asked.after
    cursor = cursors.read(text, way) if text is not None else None
    if at is not None:
        await _reached(parts, at)
    async with parts.keep.snapshot(PROJECTION, who.initiative) as transaction:
        lag = await parts.progress.behind(transaction, at)
        page = await _page(feed.asking(transaction.fetch), whose(who), cursor, way, asked.limit)
    seen = None if asked.before is not None else cursors.write(page.cursor)
    return Read(page.entries, seen, _next(cursors, asked, page), lag)


async def _reached(parts: Parts, at: At) -> None:
    """Wait until the feeds have the record at this place, or for as long as a reading may."""
    until = asyncio.get_running_loop().time() + BUDGET
    while asyncio.get_running_loop().time() < until:
        rows = await parts.keep.fetch(SQL, "positions")
        if at.topic not in {row["topic"] for row in rows}:
            return
        if any((row["topic"], row["partition"]) == at[:2] and row["next_offset"] > at.offset for row in rows):
            return
        await asyncio.sleep(LOOK_S)


async def _page(ask: Ask, of: Whose, cursor: Cursor | None, way: Way, limit: int) -> Page:
    if cursor is None:
        return await feed.latest(ask, of, limit)
    if way is Way.AFTER:
        return await feed.following(ask, of, cursor, limit)
    return await feed.earlier(ask, of, cursor, limit)


def _next(cursors: Cursors, asked: Asked, page: Page) -> str | None:
    if not page.more:
        return None
    if asked.after is not None:
        name, text = "after", cursors.write(page.cursor)
    else:
        name, text = "before", cursors.write(_back(asked, page), Way.BEFORE)
    return f"{PATH}?{urlencode({'limit': asked.limit, name: text})}"


def _back(asked: Asked, page: Page) -> Cursor:
    """Return up to where the reader has been shown each partition, newest first."""
    if asked.before is not None:
        return page.cursor
    beyond = {number: Place(offset, ordinal + 1) for number, (offset, ordinal) in page.cursor.seen.items()}
    return Cursor(beyond).after(page.entries)
