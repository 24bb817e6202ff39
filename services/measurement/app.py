"""The measurement processor: topic cases into the figures of referrals."""

from projections.measurement import MEASUREMENT
from services.runtime.processor import Processor, serve_until_stopped
from services.runtime.settings import Settings


def main() -> int:
    """Run the processor until it is told to stop, and return its exit code."""
    return serve_until_stopped(Processor(MEASUREMENT, Settings.from_env()))
