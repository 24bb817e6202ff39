"""The disclosure processor: topic disclosures into the accounting of who was shown what."""

from projections.disclosure import DISCLOSURE
from services.runtime.processor import Processor, serve_until_stopped
from services.runtime.settings import Settings


def main() -> int:
    """Run the processor until it is told to stop, and return its exit code."""
    return serve_until_stopped(Processor(DISCLOSURE, Settings.from_env()))
