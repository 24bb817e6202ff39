"""A gateway that answers before the log has acknowledged: what every answer of success rules out."""

import asyncio
import sys
from collections.abc import Sequence

from services.admission import wiring
from services.admission.publish import At, Outgoing, Publisher
from services.gateway.serve import main

#: Seconds for which events are gathered, as producers do to send more at once.
LINGER_S = 0.05


class Eager(Publisher):
    """Says at once that everything stands, and sends it a little later."""

    async def publish(self, outgoing: Sequence[Outgoing]) -> list[At | None]:
        later = asyncio.create_task(self._later(outgoing))
        self._leaving.add(later)
        later.add_done_callback(self._leaving.discard)
        return [At(self._settings.topic(each.topic), 0, 0) for each in outgoing]

    async def _later(self, outgoing: Sequence[Outgoing]) -> None:
        await asyncio.sleep(LINGER_S)
        await super().publish(outgoing)


if __name__ == "__main__":
    # The one thing that is wrong about this gateway.
    vars(wiring)["Publisher"] = Eager
    sys.exit(main())
