"""One reader of a live feed: what it has seen, what waits for it, and why it ends."""

import asyncio
from collections.abc import Sequence

from services.gateway.principal import Principal
from services.notifications.feed import Cursor, Entry, Place, Whose

#: Entries that wait for a reader; of one who lags further, nothing waits: it reads pages until it is there again.
MOST = 256
_NOTHING = Place(-1, 0)


class Stream:
    """What is told once it is folded, in each partition's order, each once."""

    def __init__(self, who: Principal, whose: Whose, cursor: Cursor | None) -> None:
        self.who = who
        self.whose = whose
        #: What the reader has seen; it begins at the end of the feed when it names nothing.
        self.cursor = cursor or Cursor()
        #: Whether pages are to be read before what waits.
        self.behind = cursor is not None
        #: Why it ends; None while it goes on.
        self.over: str | None = None
        self._waiting: list[Entry] = []
        self._woken = asyncio.Event()

    def push(self, entries: Sequence[Entry]) -> None:
        """Have entries wait for the reader."""
        if self.behind:
            # The pages that are still to be read have them.
            return
        self._waiting += entries
        if len(self._waiting) > MOST:
            self.fall_behind()
        self._woken.set()

    def fall_behind(self) -> None:
        """Let nothing wait: the reader comes to it by pages."""
        self._waiting.clear()
        self.behind = True
        self._woken.set()

    def end(self, why: str) -> None:
        """Have it end as soon as what is being sent is sent; the first reason stands."""
        self.over = self.over or why
        self._woken.set()

    def take(self) -> list[Entry]:
        """Return what waits and was not seen, and count it as seen."""
        taken, self._waiting = self._waiting, []
        self._woken.clear()
        seen, new = dict(self.cursor.seen), list[Entry]()
        for each in taken:
            if each.place > seen.get(each.partition, _NOTHING):
                seen[each.partition] = each.place
                new.append(each)
        return new

    async def wait(self, seconds: float) -> bool:
        """Return as soon as something is to be done; False when nothing is for so long."""
        try:
            await asyncio.wait_for(self._woken.wait(), seconds)
        except TimeoutError:
            return False
        return True
