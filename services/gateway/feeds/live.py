"""Live feeds: one task looks how far the log is folded, for however many readers, and hands on what is new.

What it asks of PostgreSQL goes with the initiatives that are read and with time, never with the readers.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from projections.batch import Away
from services.admission.admission import Admission
from services.admission.directory import LogAway
from services.gateway.feeds.rights import lost
from services.gateway.feeds.stream import Stream
from services.gateway.principal import Principal
from services.gateway.problems import ProblemError
from services.gateway.store import Keep, Transaction
from services.gateway.telemetry import Telemetry
from services.notifications import feed
from services.notifications.feed import Cursor, Entry, Whose
from services.runtime import logging
from services.runtime.settings import Settings

SQL = Path(__file__).with_name("live.sql")
PROJECTION = "communication"
#: Seconds between two looks at the positions, between two at who may read, and while PostgreSQL is away.
LOOK_S, GUARD_S, AWAY_S = 0.05, 1.0, 0.5
#: Streams of one gateway: fewer than the requests that it has under way at once, so that others are answered.
STREAMS = 600
#: Entries of a page, and pages that are read at once by those who lag.
PAGE, PAGES = 100, 4
#: Entries that are handed on at once; when there are more, readers come to them by pages.
NEWS = 1000

log = logging.get(__name__)


class Stands(NamedTuple):
    """How far each partition of a feed's tables is folded, and the last release of all."""

    offsets: Mapping[int, int]
    released: int


class Live:
    """Every live feed of a gateway."""

    def __init__(self, settings: Settings, keep: Keep, admission: Admission, telemetry: Telemetry) -> None:
        self.settings = settings
        self._keep = keep
        self._admission = admission
        self.telemetry = telemetry
        self._streams: set[Stream] = set()
        self._of: Counter[str] = Counter()
        #: Of each initiative that is read: up to where it was handed on.
        self._told: dict[str, Stands] = {}
        self._positions: Sequence[Any] = ()
        self._task: asyncio.Task[None] | None = None
        #: Somebody reads.
        self._wanted = asyncio.Event()
        self._beginning = asyncio.Lock()
        self._pages = asyncio.Semaphore(PAGES)
        self._stopping = False

    def stop(self) -> None:
        """Have every stream end: readers come back to whoever answers then."""
        self._stopping = True
        for stream in self._streams:
            stream.end("stopping")

    async def close(self) -> None:
        """Ask nothing any more."""
        self.stop()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def open(self, who: Principal, whose: Whose, cursor: Cursor | None) -> Stream:
        """Return a stream of what follows the cursor, else of what comes from now on; it is to be left by `leave`.

        Raises ProblemError when there are too many, and Away.
        """
        stream = Stream(who, whose, cursor)
        with ExitStack() as undone:
            self._take_in(stream)
            undone.callback(self.leave, stream)
            await self._begin(stream, cursor)
            undone.pop_all()
        return stream

    def leave(self, stream: Stream) -> None:
        """Let go of a stream, for whatever reason it ended."""
        self._streams.discard(stream)
        self._of[stream.who.credential] -= 1
        self._of += Counter()
        if not any(each.whose.initiative == stream.whose.initiative for each in self._streams):
            self._told.pop(stream.whose.initiative, None)
        if not self._streams:
            self._wanted.clear()
        self.telemetry.streams.set(len(self._streams))

    async def next(self, stream: Stream) -> list[Entry]:
        """Return what the reader is to be told now; nothing while PostgreSQL is away or nothing is new."""
        if not stream.behind:
            return stream.take()
        stream.behind = False
        try:
            async with self._pages, self._keep.snapshot(PROJECTION, stream.whose.initiative) as transaction:
                page = await feed.following(_asking(transaction), stream.whose, stream.cursor, PAGE)
        except Away as away:
            log.warning("feed-away", reason=str(away))
            stream.fall_behind()
            await asyncio.sleep(AWAY_S)
            return []
        if page.more:
            stream.fall_behind()
        return list(page.entries)

    def _take_in(self, stream: Stream) -> None:
        if self._stopping:
            raise ProblemError(503, "stopping", headers={"Retry-After": "1"})
        if len(self._streams) >= STREAMS:
            raise ProblemError(503, "overloaded", headers={"Retry-After": "5"})
        if self._of[stream.who.credential] >= self.settings.feed_streams:
            raise ProblemError(429, "too-many-streams", headers={"Retry-After": "5"})
        self._of[stream.who.credential] += 1
        self._streams.add(stream)
        self._wanted.set()
        self.telemetry.streams.set(len(self._streams))

    async def _begin(self, stream: Stream, cursor: Cursor | None) -> None:
        """Have news reach the stream, before anything is read for it: so nothing falls between."""
        initiative = stream.whose.initiative
        async with self._beginning:
            if initiative not in self._told:
                async with self._keep.snapshot(PROJECTION, initiative) as transaction:
                    self._told[initiative] = await _stands(transaction)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        if cursor is None:
            async with self._keep.snapshot(PROJECTION, initiative) as transaction:
                stream.cursor = await feed.end(_asking(transaction), stream.whose)
        await self._recheck([stream])

    async def _run(self) -> None:
        """Watch and guard until closed.  Should either ever fail, readers end, and come back to a new one."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._watch())
                tasks.create_task(self._guard())
        finally:
            for stream in self._streams:
                stream.end("stopping")

    async def _watch(self) -> None:
        """Hand on what is new as long as somebody reads."""
        while await self._wanted.wait():
            try:
                await self._look()
            except Away as away:
                log.warning("feed-away", reason=str(away))
                await asyncio.sleep(AWAY_S)
            await asyncio.sleep(LOOK_S)

    async def _look(self) -> None:
        positions = await self._keep.fetch(SQL, "positions")
        if positions == self._positions:
            return
        for initiative in list(self._told):
            await self._hand_on(initiative)
        self._positions = positions

    async def _hand_on(self, initiative: str) -> None:
        """Push what was folded since the last look to its readers."""
        readers: Mapping[str, list[Stream]] = _by_partner(self._streams, initiative)
        told = self._told.get(initiative)
        if told is None or not readers:
            return
        async with self._keep.snapshot(PROJECTION, initiative) as transaction:
            stands = await _stands(transaction)
            since = (list(told.offsets), list(told.offsets.values()))
            rows = await _asking(transaction)("news", initiative, list(readers), *since, NEWS + 1)
        if len(rows) > NEWS or stands.released != told.released:
            for stream in _of(self._streams, initiative):
                stream.fall_behind()
        else:
            self._push(initiative, rows)
        if initiative in self._told:
            self._told[initiative] = stands

    def _push(self, initiative: str, rows: Iterable[Any]) -> None:
        news: dict[str, list[Entry]] = defaultdict(list)
        for row in rows:
            news[row["partner"]].append(feed.entry(row))
        for stream in _of(self._streams, initiative):
            stream.push(news.get(stream.whose.partner, ()))

    async def _guard(self) -> None:
        """End the streams of those who may not read any more: at each change among people and partners, and in time."""
        clock = asyncio.get_running_loop().time
        checked, before = clock(), dict[str, int]()
        while await self._wanted.wait():
            await asyncio.sleep(GUARD_S)
            try:
                await self._admission.catch_up()
                now = {each: self._admission.standing(each).offset for each in list(self._told)}
                if now != before or clock() - checked >= self.settings.feed_recheck:
                    await self._recheck(list(self._streams))
                    checked, before = clock(), now
            except (Away, LogAway) as away:
                log.warning("feed-rights-away", reason=str(away))

    async def _recheck(self, streams: Iterable[Stream]) -> None:
        ended = await lost(self._keep, self._admission, {each.who for each in streams})
        for stream in streams:
            if stream.who in ended:
                stream.end(ended[stream.who])


def _asking(transaction: Transaction) -> feed.Ask:
    return feed.asking(transaction.fetch)


async def _stands(transaction: Transaction) -> Stands:
    rows = await _asking(transaction)("stands")
    return Stands(
        {row["partition"]: row["next_offset"] for row in rows}, max((row["released"] for row in rows), default=0)
    )


def _of(streams: Iterable[Stream], initiative: str) -> list[Stream]:
    return [each for each in streams if each.whose.initiative == initiative]


def _by_partner(streams: Iterable[Stream], initiative: str) -> dict[str, list[Stream]]:
    found: dict[str, list[Stream]] = defaultdict(list)
    for stream in _of(streams, initiative):
        found[stream.whose.partner].append(stream)
    return found
