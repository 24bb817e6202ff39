"""What goes on in the background until it is told to stop: a step again and again, with a rest when there was none."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from projections.batch import Away
from services.admission.directory import LogAway
from services.runtime import logging
from services.runtime.running import paused

#: Seconds until a server that was away is asked again.
AWAY_S = 2.0
log = logging.get(__name__)


class Working(ABC):
    """Takes one step after the other."""

    #: Seconds between two looks when there was nothing to do.
    look_s: float

    def __init__(self) -> None:
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Have `run` end after the step that it is at."""
        self._stopping.set()

    @abstractmethod
    async def once(self) -> bool:
        """Take one step; say whether there was something to do.  Raises Away or LogAway."""

    async def run(self) -> None:
        """Take steps until told to stop."""
        while not self._stopping.is_set():
            try:
                busy = await self.once()
            except (Away, LogAway) as away:
                code = away.code if isinstance(away, LogAway) else "store-unavailable"
                log.warning("away", again_in=AWAY_S, code=code, reason=str(away))
                await paused(self._stopping, AWAY_S)
                continue
            if not busy:
                await paused(self._stopping, self.look_s)


@asynccontextmanager
async def running(work: Working) -> AsyncIterator["asyncio.Task[None]"]:
    """Give the task that takes the steps while the block runs."""
    task = asyncio.create_task(work.run())
    try:
        yield task
    finally:
        work.stop()
        await asyncio.wait([task])
