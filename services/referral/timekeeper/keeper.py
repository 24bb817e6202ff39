"""The timekeeper: what is due is said, in order, by one process at a time.

Which process that is, is a matter of thrift alone: ids, times and digests follow from the deadlines, so what two say
at once, or one says again after it was frozen, is folded once.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from events.authority import SYSTEM, TIMEKEEPER
from projections.batch import Away
from services.admission.admission import Admission, utc_now
from services.admission.caller import System
from services.admission.directory import LogAway
from services.admission.problem import UNKNOWN
from services.admission.standing import Absence
from services.referral.store import SIDES, Deadlines, Gone, Held, Waiting
from services.referral.timekeeper import saying
from services.referral.timekeeper.telemetry import Telemetry
from services.runtime import logging
from services.runtime.health import Health
from services.runtime.lease import Lease
from services.runtime.running import paused

log = logging.get(__name__)
NAME = "timekeeper"
#: How long a lease lasts that is not renewed: longer than the rests between two looks, and than most batches take.
LEASED = timedelta(seconds=15)
#: Seconds between two looks when nothing is due before, and between attempts while a server is away.
REST_S, AGAIN_S = 5.0, 0.5
#: Offers read, and said, at once.
MOST = 200


class LogSilent(OSError):
    """The log did not acknowledge: the same is said again."""


#: What is tried again.
AWAY = (Away, LogAway, LogSilent)


class LeaseLost(Exception):
    """Another process took over in the middle of a look."""


class Parts(NamedTuple):
    """What the timekeeper stands on."""

    admission: Admission
    deadlines: Deadlines
    lease: Lease
    telemetry: Telemetry


@dataclass(slots=True)
class Look:
    """One look at everything, and what it has found so far."""

    now: datetime
    #: What the read model shows as due and stands on the log, by now or from an earlier look.
    said: set[bytes] = field(default_factory=set)
    due: int = 0
    oldest: datetime | None = None
    #: When the next deadlines come, one for each initiative that has any.
    coming: list[datetime] = field(default_factory=list)

    def count(self, due: Sequence[datetime]) -> None:
        """Count what can be said, the oldest first."""
        self.due += len(due)
        self.oldest = min((each for each in (self.oldest, *due[:1]) if each is not None), default=None)

    @property
    def rest(self) -> float:
        """Seconds until it is time to look again."""
        return min((REST_S, *((each - self.now).total_seconds() for each in self.coming)))

    @property
    def lag(self) -> float:
        """Seconds since the oldest deadline that had come."""
        return 0.0 if self.oldest is None else (self.now - self.oldest).total_seconds()


class Timekeeper:
    """Says what is due until it is told to stop."""

    def __init__(self, parts: Parts, clock: Callable[[], datetime] = utc_now, most: int = MOST) -> None:
        self._parts = parts
        self._clock = clock
        self._most = most
        self._stopping = asyncio.Event()
        self._live = False
        self._holding = False
        #: What stands on the log though the read model, which follows it, may show it as due a while longer.
        self._said: set[bytes] = set()
        #: What of it was turned away: it is in nobody's way, so it is none of what is late.
        self._refused: set[bytes] = set()

    def stop(self) -> None:
        """Have `run` end in order."""
        self._stopping.set()

    def health(self) -> Health:
        """Say how it is: ready while both servers answer, and with one partition while it holds the lease."""
        return Health(True, self._live, f"manyhands.{NAME}", int(self._holding), ())

    async def run(self) -> None:
        """Look again and again until stopped; sooner while a server is away."""
        while not self._stopping.is_set():
            try:
                rest = await self.look(self._clock())
                self._live = True
            except AWAY as away:
                log.warning("timekeeper-away", again_in=AGAIN_S, exc_info=away)
                self._parts.telemetry.retries.inc()
                self._live, rest = False, AGAIN_S
            await paused(self._stopping, rest)
        await self._leave()

    async def look(self, now: datetime) -> float:
        """Say all that is due now, if the lease is ours, and return the seconds until it is time to look again.

        Raises Away, LogAway or LogSilent when a server does not answer: what was said until then may stand.
        """
        await self._parts.admission.catch_up()
        look = Look(now)
        try:
            await self._hold()
            for initiative in self._parts.admission.initiatives:
                await self._initiative(look, initiative)
            self._said = look.said
        except LeaseLost:
            self._said, look = set(), Look(now)
        finally:
            self._said |= look.said
            self._refused &= self._said
            self._measure(look)
        return look.rest

    async def _initiative(self, look: Look, initiative: str) -> None:
        standing = self._parts.admission.standing(initiative)
        # What is being loaded is not complete: the answer to an offer may come after it.
        lanes = (False,) if standing.windows else (False, True)
        for backfilled in lanes:
            await self._due(look, initiative, backfilled=backfilled)
            coming = await self._parts.deadlines.coming(initiative, look.now, backfilled=backfilled)
            look.coming += [] if coming is None else [coming]
        absent = {name: member.absence for name, member in standing.members.items() if member.absence is not None}
        for side in SIDES if absent else ():
            # Most left long ago and hold nothing, so nobody is asked for one by one who does not.
            deadlines, backfilled = self._parts.deadlines, not standing.windows
            for gone in await deadlines.holding(initiative, side, sorted(absent), backfilled=backfilled):
                await self._leaving(look, gone, absent[gone.partner])

    async def _due(self, look: Look, initiative: str, *, backfilled: bool) -> None:
        """Say what is due, batch by batch, the oldest first."""
        last: Waiting | None = None
        while True:
            found = await self._parts.deadlines.due(initiative, look.now, self._most, backfilled=backfilled, after=last)
            if not found:
                return
            last = found[-1]
            rows = [(each.kind, saying.timed(each)) for each in found]
            look.count([each.due for each, (_, row) in zip(found, rows, strict=True) if row not in self._refused])
            await self._say(look, initiative, rows)

    async def _leaving(self, look: Look, gone: Gone, absence: Absence) -> None:
        """Withdraw what is open at a partner that takes no part, or what it asked and nobody has answered."""
        backfilled = not self._parts.admission.standing(gone.initiative).windows
        last: Held | None = None
        while True:
            found = await self._parts.deadlines.held(gone, self._most, backfilled=backfilled, after=last)
            if not found:
                return
            last = found[-1]
            rows = [("withdrawn", saying.withdrawn(each, absence, gone.side)) for each in found]
            await self._say(look, gone.initiative, rows)

    async def _say(self, look: Look, initiative: str, rows: Sequence[tuple[str, bytes]]) -> None:
        """Put on the log what does not stand there.  Raises LogSilent where that is not known, LeaseLost before it."""
        look.said |= {row for _, row in rows if row in self._said}
        fresh = [each for each in rows if each[1] not in self._said]
        if not fresh:
            return
        await self._hold()
        caller = System(initiative, TIMEKEEPER.removeprefix(SYSTEM))
        results = await self._parts.admission.admit(caller, [row for _, row in fresh])
        silent = 0
        for (kind, row), result in zip(fresh, results, strict=True):
            if result.problem is None:
                self._parts.telemetry.said.labels(kind).inc()
            elif result.problem.code == UNKNOWN:
                silent += 1
                continue
            else:
                # It would be turned away again: an operator has to look, and the others go on.
                log.error("deadline-turned-away", kind=kind, code=result.problem.code)
                self._parts.telemetry.turned_away.labels(result.problem.code).inc()
                self._refused.add(row)
            look.said.add(row)
        if silent:
            raise LogSilent(f"{silent} of {len(fresh)} events may not stand on the log")

    async def _hold(self) -> None:
        """Take the lease or renew it.  Raises LeaseLost when it is another's."""
        self._holding = await self._parts.lease.take()
        if not self._holding:
            raise LeaseLost

    async def _leave(self) -> None:
        """Let the next one go on at once; while PostgreSQL is away the lease runs out by itself."""
        try:
            await self._parts.lease.leave()
        except Away as away:
            log.warning("lease-left-behind", exc_info=away)
        self._holding = False

    def _measure(self, look: Look) -> None:
        self._parts.telemetry.holding.set(self._holding)
        self._parts.telemetry.due.set(look.due)
        self._parts.telemetry.lag.set(look.lag)
