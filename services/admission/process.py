"""What admits and keeps itself at it, as a process: wired once its servers answer, watched, and ended in order."""

import asyncio
from abc import ABC, abstractmethod
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from services.admission.directory import LogAway
from services.runtime.health import Health, announced, serve
from services.runtime.logging import get
from services.runtime.running import paused
from services.runtime.settings import Settings
from services.runtime.store import DatabaseAway

#: Seconds until servers that were away are asked again.
AGAIN_S = 0.5
log = get(__name__)


class Working(Protocol):
    """What runs once everything is there."""

    def stop(self) -> None: ...
    def health(self) -> Health: ...
    async def run(self) -> None: ...


class Measured(Protocol):
    """Whose metrics are shown."""

    def text(self) -> bytes: ...


class Watched(ABC):
    """Runs its work until it is told to stop, wired anew whenever a server was away."""

    #: What it is called in logs, by its health and in the file that tells its port.
    name: str
    #: What is logged when it starts, and when it has stopped.
    started: str
    stopped: str

    def __init__(self, settings: Settings, telemetry: Measured) -> None:
        self.settings = settings
        self._measured = telemetry
        self._stopping = asyncio.Event()
        self._running: Working | None = None

    @abstractmethod
    def opened(self) -> AbstractAsyncContextManager[Working]:
        """Give the work with all that it stands on.  Raises LogAway and DatabaseAway when that does not answer."""

    def stop(self) -> None:
        """Have `run` end in order."""
        self._stopping.set()
        if self._running is not None:
            self._running.stop()

    def health(self) -> Health:
        """Say how the work is."""
        if self._running is None:
            return Health(True, False, f"manyhands.{self.name}", 0, ())
        return self._running.health()

    async def run(self) -> None:
        """Run until stopped.  Raises Fault when the secrets are not this database's, or a setting cannot be used."""
        async with (
            serve(self.settings.port, self.health, self._measured.text) as port,
            announced(self.settings.home, self.name, port),
        ):
            while not self._stopping.is_set():
                try:
                    await self._once(port)
                except (LogAway, DatabaseAway) as away:
                    log.warning("away", code=away.code, reason=str(away))
                    await paused(self._stopping, AGAIN_S)
        log.info(self.stopped)

    async def _once(self, port: int) -> None:
        async with self.opened() as running:
            self._running = running
            if self._stopping.is_set():
                running.stop()
            log.info(self.started, port=port)
            try:
                await running.run()
            finally:
                self._running = None
