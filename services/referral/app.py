"""The referral processor: topic cases into the referral board, timelines and refusals."""

from projections.referral import REFERRAL
from services.runtime.processor import Processor, serve_until_stopped
from services.runtime.settings import Settings


def main() -> int:
    """Run the processor until it is told to stop, and return its exit code."""
    return serve_until_stopped(Processor(REFERRAL, Settings.from_env()))
