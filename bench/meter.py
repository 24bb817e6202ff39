"""The clock of an engine: needs nothing that is not Python's own, so engines of other environments carry it too."""

import asyncio
import resource
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Measured:
    """What one run did: seconds from its first batch to its last commit, and what the process took."""

    events: int
    seconds: float
    cpu_seconds: float
    rss_mib: float

    @property
    def rate(self) -> float:
        """Events per second."""
        return self.events / self.seconds


class Meter:
    """Counts committed events; `done` is set with the last one."""

    def __init__(self, events: int) -> None:
        self._wanted = events
        self._began = self._ended = 0.0
        self.began = False
        self._cpu = 0.0
        self.events = 0
        self.done = asyncio.Event()

    def begin(self, at: float | None = None) -> None:
        """Start the clock with the first batch, now or at that `perf_counter` time; later calls change nothing."""
        if not self.began:
            self.began = True
            self._began, self._cpu = at or time.perf_counter(), time.process_time()

    def committed(self, events: int) -> None:
        """Note that these events are committed."""
        self.events += events
        if self.events >= self._wanted and not self.done.is_set():
            self._ended = time.perf_counter()
            self._cpu = time.process_time() - self._cpu
            self.done.set()

    def measured(self) -> Measured:
        """Return the figures; only after `done`."""
        return Measured(self.events, self._ended - self._began, self._cpu, peak_mib())


def peak_mib() -> float:
    """Return the most memory that this process has had; `getrusage` would count the parent's, too."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024
