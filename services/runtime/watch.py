"""Looks at each partition's lag every few seconds: for the metrics, and to notice a processor that fell silent."""

import asyncio
from dataclasses import dataclass, field

from aiokafka.errors import KafkaError
from faust.types import TP

from services.runtime.consumer import LogConsumer
from services.runtime.logging import get
from services.runtime.telemetry import Telemetry
from services.runtime.worker import LogWorker

log = get(__name__)
EVERY_S = 5.0
#: Seconds without progress, with records to fold and every server there, after which a process is given up.
SILENT_S = 120.0


@dataclass
class Watch:
    """Raises `Silent` when a partition with lag has not moved for `SILENT_S` though nothing is known to be away."""

    consumer: LogConsumer
    worker: LogWorker
    telemetry: Telemetry
    _since: dict[TP, tuple[int, float]] = field(default_factory=dict)

    async def run(self) -> None:
        while True:
            try:
                ends = await self.consumer.ends()
            except (KafkaError, TimeoutError, OSError):
                self._since.clear()  # an outage is no silence
            else:
                self._look(ends)
            await asyncio.sleep(EVERY_S)

    def _look(self, ends: dict[TP, int]) -> None:
        now = asyncio.get_running_loop().time()
        for tp in self._since.keys() - ends.keys():
            del self._since[tp]
        for tp, end in ends.items():
            position = self.consumer.applied.get(tp)
            if position is not None:
                self.telemetry.lag.labels(*tp).set(max(0, end - position))
                self._moved(tp, position, position < end, now)

    def _moved(self, tp: TP, position: int, behind: bool, now: float) -> None:
        known, since = self._since.get(tp, (position, now))
        excused = not behind or tp in self.worker.waiting or tp in self.consumer.stopped
        if excused or known != position:
            since = now
        self._since[tp] = (position, since)
        if now - since > SILENT_S:
            raise Silent(f"{tp.topic}-{tp.partition}")


class Silent(Exception):
    """A partition has records to fold and nothing is known to be wrong, yet it does not move."""
