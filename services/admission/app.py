"""The intake as a process: wired once its servers answer, watched, and ended in order."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.admission.directory import LogAway
from services.admission.inbox import InboxStore
from services.admission.intake import AGAIN_S, Intake
from services.admission.telemetry import Telemetry
from services.admission.wiring import opened
from services.runtime.health import Health, announced, serve
from services.runtime.logging import get
from services.runtime.roles import Role
from services.runtime.running import paused, run_until_stopped
from services.runtime.settings import Settings
from services.runtime.store import DatabaseAway, connect

log = get(__name__)
NAME = "intake"


class Process:
    """Decides what comes into inboxes until it is told to stop."""

    intake: type[Intake] = Intake

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.telemetry = Telemetry()
        self._stopping = asyncio.Event()
        self._running: Intake | None = None

    def stop(self) -> None:
        """Have `run` end in order."""
        self._stopping.set()
        if self._running is not None:
            self._running.stop()

    def health(self) -> Health:
        """Say how the intake is."""
        if self._running is None:
            return Health(True, False, f"manyhands.{NAME}", 0, ())
        return self._running.health()

    async def run(self) -> None:
        """Run until stopped.  Raises Fault when the secrets are not this database's, or a setting cannot be used."""
        async with (
            serve(self.settings.port, self.health, self.telemetry.text) as port,
            announced(self.settings.home, NAME, port),
        ):
            while not self._stopping.is_set():
                try:
                    async with self._opened() as running:
                        log.info("intake-started", port=port)
                        await running.run()
                except (LogAway, DatabaseAway) as away:
                    log.warning("away", code=away.code, reason=str(away))
                    await paused(self._stopping, AGAIN_S)
        log.info("intake-stopped")

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[Intake]:
        async with opened(self.settings) as admission:
            pool = await connect(self.settings.postgres, application="manyhands-intake", role=Role.ADMISSION)
            try:
                self._running = self.intake(self.settings, admission, InboxStore(pool), self.telemetry)
                if self._stopping.is_set():
                    self._running.stop()
                yield self._running
            finally:
                self._running = None
                await pool.close()


def main() -> int:
    """Run the intake until SIGTERM or SIGINT and return the exit code; faults are logged, not raised."""
    return serve_until_stopped(Process(Settings.from_env()))


def serve_until_stopped(process: Process) -> int:
    """Run the process until SIGTERM or SIGINT and return the exit code."""
    return run_until_stopped(process, "intake-refused")
