"""The timekeeper as a process."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from services.admission.admission import utc_now
from services.admission.process import Watched
from services.admission.publish import DEADLINE
from services.admission.wiring import opened
from services.referral.store import Deadlines
from services.referral.timekeeper.keeper import LEASED, NAME, Parts, Timekeeper
from services.referral.timekeeper.telemetry import Telemetry
from services.runtime.builds import api_of
from services.runtime.lease import Lease
from services.runtime.roles import Role
from services.runtime.running import run_until_stopped
from services.runtime.settings import Settings
from services.runtime.store import connect


class Process(Watched):
    """Keeps time until it is told to stop."""

    name = NAME
    started = "timekeeper-started"
    stopped = "timekeeper-stopped"
    timekeeper: type[Timekeeper] = Timekeeper

    def __init__(self, settings: Settings) -> None:
        self.telemetry = Telemetry()
        super().__init__(settings, self.telemetry)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Timekeeper]:
        """Give the timekeeper over its parts."""
        async with parts(self.settings, self.telemetry) as found:
            yield self.timekeeper(found)


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
