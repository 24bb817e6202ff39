"""A process that does nothing until it is told to stop, started as every process is: `python -m tests.support.idle`.

As root it becomes nobody first, whose processes show by their owner in /proc whether they may be dumped.  With the
argument `open` nothing keeps it from being dumped.
"""

import asyncio
import ctypes
import os
import resource
import signal
import sys
from pathlib import Path

from services.runtime.dumps import PR_SET_DUMPABLE
from services.runtime.running import run_until_stopped
from services.runtime.settings import Settings

NOBODY = 65534


class Idle:
    """Says on standard output that it runs."""

    def __init__(self) -> None:
        self.settings = Settings(Path(), "", "")
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        self._stopping.set()

    async def run(self) -> None:
        print("running", flush=True)
        await self._stopping.wait()


def _dumpable() -> None:
    """Be a process that may be dumped, whatever started this one."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)


def _wait() -> int:
    """Run without what keeps a process out of dumps."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    print("running", flush=True)
    signal.sigwait({signal.SIGTERM})
    return 0


def main(way: str) -> int:
    """Run, `open` to dumps or `closed` to them as processes are."""
    _dumpable()
    return _wait() if way == "open" else run_until_stopped(Idle(), "idle-refused")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
