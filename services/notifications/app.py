"""The notifications processor: topic cases into partners' feeds."""

from projections.communication import COMMUNICATION
from services.runtime.processor import Processor, serve_until_stopped
from services.runtime.settings import Settings


def main() -> int:
    """Run the processor until it is told to stop, and return its exit code."""
    return serve_until_stopped(Processor(COMMUNICATION, Settings.from_env()))
