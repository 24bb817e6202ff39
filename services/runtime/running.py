"""A process from its first signal handler to its exit code."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, Protocol

import uvloop

from services.runtime.dumps import keep_out_of_dumps
from services.runtime.errors import Fault
from services.runtime.garbage import look_seldom
from services.runtime.logging import configure, get
from services.runtime.settings import Settings

log = get(__name__)


class Process(Protocol):
    """What runs until it is told to stop; what it returns is its exit code, None being 0."""

    @property
    def settings(self) -> Settings: ...
    def stop(self) -> None: ...
    def run(self) -> Coroutine[Any, Any, int | None]: ...


def run_until_stopped(process: Process, refused: str) -> int:
    """Run it until SIGTERM, SIGINT or its end, and return the exit code; a fault is logged as `refused`, not raised."""
    configure(process.settings.log_format, process.settings.log_level)
    keep_out_of_dumps()
    look_seldom()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_until_told(process, refused))


async def _until_told(process: Process, refused: str) -> int:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, process.stop)
    try:
        return await process.run() or 0
    except Fault as fault:
        log.error(refused, code=fault.code, reason=str(fault), hint=fault.hint)  # noqa: TRY400 - no trace
        return 1


async def paused(stopping: asyncio.Event, seconds: float) -> None:
    """Wait so many seconds, or until told to stop."""
    told = asyncio.create_task(stopping.wait())
    await asyncio.wait([told], timeout=seconds)
    told.cancel()
