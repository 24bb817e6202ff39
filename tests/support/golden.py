"""Records of every event version ever published, byte for byte as they stand on the log."""

from collections.abc import Iterator
from pathlib import Path

from events.catalogue import TOPIC_OF, TYPES
from events.topics import Topic

FOLDER = Path(__file__).parents[1] / "golden"


def records(full: str) -> list[bytes]:
    """Return the golden records of this type, the plainest first."""
    return (FOLDER / f"{full}.ndjson").read_bytes().splitlines()


def every() -> Iterator[tuple[Topic, bytes]]:
    """Yield every golden record with the topic it stands on."""
    for full in TYPES:
        for record in records(full):
            yield TOPIC_OF[full], record
