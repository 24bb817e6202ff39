"""The timekeeper as a process: wired once its servers answer, watched, and ended in order."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from services.admission.admission import utc_now
from services.admission.directory import LogAway
from services.admission.publish import DEADLINE
from services.admission.wiring import opened
from services.referral.store import Deadlines
from services.referral.timekeeper.keeper import AGAIN_S, LEASED, NAME, Parts, Timekeeper
from services.referral.timekeeper.telemetry import Telemetry
from services.runtime.builds import api_of
from services.runtime.health import Health, announced, serve
from services.runtime.lease import Lease
from services.runtime.logging import get
from services.runtime.roles import Role
from services.runtime.running import paused, run_until_stopped
from services.runtime.settings import Settings
from services.runtime.store import DatabaseAway, connect

log = get(__name__)


class Process:
    """Keeps time until it is told to stop."""

    timekeeper: type[Timekeeper] = Timekeeper

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.telemetry = Telemetry()
        self._stopping = asyncio.Event()
        self._running: Timekeeper | None = None

    def stop(self) -> None:
        """Have `run` end in order."""
        self._stopping.set()
        if self._running is not None:
            self._running.stop()

    def health(self) -> Health:
        """Say how the timekeeper is."""
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
                    async with parts(self.settings, self.telemetry) as found:
                        log.info("timekeeper-started", port=port)
                        await self._kept(found)
                except (LogAway, DatabaseAway) as away:
                    log.warning("away", code=away.code, reason=str(away))
                    await paused(self._stopping, AGAIN_S)
        log.info("timekeeper-stopped")

    async def _kept(self, found: Parts) -> None:
        self._running = self.timekeeper(found)
        if self._stopping.is_set():
            self._running.stop()
        try:
            await self._running.run()
        finally:
            self._running = None


@asynccontextmanager
async def parts(
    settings: Settings, telemetry: Telemetry, *, deadline: float = DEADLINE, clock: Callable[[], datetime] = utc_now
) -> AsyncIterator[Parts]:
    """Give what a timekeeper stands on: it reads as the gateway does, and holds its lease as admission.

    `deadline` is how many seconds the log may take to acknowledge, `clock` what admission takes for the time.

    Raises a Fault when Kafka or PostgreSQL does not answer or the secrets are not this database's.
    """
    async with (
        opened(settings, deadline=deadline, clock=clock) as admission,
        await connect(
            settings.postgres,
            application="manyhands-timekeeper",
            role=Role.GATEWAY,
            size=2,
            search_path=api_of("referral"),
            plan_cache_mode="force_custom_plan",
        ) as reading,
        await connect(
            settings.postgres, application="manyhands-timekeeper-lease", role=Role.ADMISSION, size=1
        ) as holding,
    ):
        yield Parts(admission, Deadlines(reading), Lease(holding, NAME, LEASED), telemetry)


def main() -> int:
    """Run the timekeeper until SIGTERM or SIGINT and return the exit code; faults are logged, not raised."""
    return run_until_stopped(Process(Settings.from_env()), "timekeeper-refused")
