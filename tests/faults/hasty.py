"""An intake that publishes before its decision is kept: what the order of the two is there to prevent."""

import sys
from collections.abc import Sequence

from services.admission.app import Process, serve_until_stopped
from services.admission.caller import Partner
from services.admission.inbox import Moved, Taken
from services.admission.intake import Intake
from services.admission.reading import Reading
from services.runtime.settings import Settings


class HastyIntake(Intake):
    """Keeps what it decided once it stands on the log."""

    async def _keep(self, reading: Reading, moved: Moved, taken: Sequence[Taken]) -> None:
        caller = Partner(reading.inbox.initiative, reading.inbox.partner, None, "inbox")
        await self._admission.publish(caller, [each.decision for each in taken])
        await super()._keep(reading, moved, taken)


class Hasty(Process):
    intake = HastyIntake


if __name__ == "__main__":
    sys.exit(serve_until_stopped(Hasty(Settings.from_env())))
