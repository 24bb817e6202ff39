"""One of several processors of production: says on its output how far each batch took its partition."""

import sys
import time

import orjson
from faust.types import TP

from bench.engine import Job
from bench.meter import peak_mib
from projections.projector import Outcome
from projections.referral import REFERRAL
from services.runtime.processor import Processor, serve_until_stopped
from services.runtime.telemetry import Telemetry


class Voice(Telemetry):
    """Says of each batch when it began and ended, where it led, and what the process has taken until now."""

    def __init__(self) -> None:
        super().__init__()
        self._cpu = time.process_time()

    def folded(self, tp: TP, outcome: Outcome, seconds: float) -> None:
        super().folded(tp, outcome, seconds)
        ended = time.perf_counter()
        batch = {"began": ended - seconds, "ended": ended, "partition": tp.partition}
        taken = {"cpu": time.process_time() - self._cpu, "rss": peak_mib()}
        sys.stdout.write(orjson.dumps({**batch, **taken, "reached": outcome.position.next_offset}).decode() + "\n")
        sys.stdout.flush()


def main() -> int:
    """Run the processor of the job given as the one argument until told to stop."""
    processor = Processor(REFERRAL, Job(**orjson.loads(sys.argv[1])).settings)
    processor.telemetry = Voice()
    return serve_until_stopped(processor)


if __name__ == "__main__":
    sys.exit(main())
