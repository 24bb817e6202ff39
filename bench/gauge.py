"""A processor's own telemetry, told on to the meter: so the processor that is measured is the one that runs."""

import time

from faust.types import TP

from bench.meter import Meter
from projections.projector import Outcome
from services.runtime.telemetry import Telemetry


class Gauge(Telemetry):
    """Starts the meter when the first batch was taken, and counts what each batch committed."""

    def __init__(self, meter: Meter) -> None:
        super().__init__()
        self._meter = meter

    def folded(self, tp: TP, outcome: Outcome, seconds: float) -> None:
        super().folded(tp, outcome, seconds)
        self._meter.begin(time.perf_counter() - seconds)
        self._meter.committed(outcome.events)
