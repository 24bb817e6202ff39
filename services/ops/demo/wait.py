"""Waiting until every projection has folded what stood on the log when the waiting began."""

import asyncio
from collections.abc import Callable

from services.ops.errors import DemoFailed
from services.ops.lag import lags
from services.runtime.settings import Settings

#: Seconds between two looks.
LOOK_S = 0.2


async def caught_up(settings: Settings, seen: Callable[[int, int], None]) -> None:
    """Return when no partition is behind; `seen` is told how many records are folded, of how many.

    Raises DemoFailed when a partition stopped.
    """
    while True:
        found = await lags(settings)
        stopped = next((each for each in found if each.stopped), None)
        if stopped:
            raise DemoFailed(f"{stopped.projection} partition {stopped.partition} stopped: {stopped.stopped}")
        seen(sum(each.position for each in found), sum(each.end for each in found))
        if not any(each.behind for each in found):
            return
        await asyncio.sleep(LOOK_S)
