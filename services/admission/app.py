"""The intake as a process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.admission.inbox import InboxStore
from services.admission.intake import Intake
from services.admission.process import Watched
from services.admission.telemetry import Telemetry
from services.admission.wiring import opened
from services.runtime.roles import Role
from services.runtime.running import run_until_stopped
from services.runtime.settings import Settings
from services.runtime.store import connect

NAME = "intake"


class Process(Watched):
    """Decides what comes into inboxes until it is told to stop."""

    name = NAME
    started = "intake-started"
    stopped = "intake-stopped"
    intake: type[Intake] = Intake

    def __init__(self, settings: Settings) -> None:
        self.telemetry = Telemetry()
        super().__init__(settings, self.telemetry)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Intake]:
        """Give the intake over admission and a pool of its own."""
        async with (
            opened(self.settings) as admission,
            await connect(self.settings.postgres, application="manyhands-intake", role=Role.ADMISSION) as pool,
        ):
            yield self.intake(self.settings, admission, InboxStore(pool), self.telemetry)


def main() -> int:
    """Run the intake until SIGTERM or SIGINT and return the exit code; faults are logged, not raised."""
    return serve_until_stopped(Process(Settings.from_env()))


def serve_until_stopped(process: Process) -> int:
    """Run the process until SIGTERM or SIGINT and return the exit code."""
    return run_until_stopped(process, "intake-refused")
