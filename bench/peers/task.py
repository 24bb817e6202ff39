"""What a peer is told and what it answers: a task in, what was measured out, both as JSON.

Nothing here needs more than Python's own library, as each peer's process runs without the house's packages.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

from bench.meter import Meter
from projections.sql import statement

SQL = Path(__file__).parents[1] / "yardstick.sql"
#: The most records in one transaction where an engine lets one say so: as many as the house folds when behind.
BATCH = 5000


@dataclass(frozen=True)
class Task:
    """What to read, where to write, and after how many events to stop."""

    kafka: str
    postgres: str
    topic: str
    partitions: int
    events: int

    @property
    def group(self) -> str:
        """A consumer group that nobody was in before."""
        return f"peer-{uuid4().hex}"


def sql(name: str) -> str:
    """Return a statement of the yardstick's."""
    return statement(SQL, name)


def serve(variants: dict[str, Callable[[Task, Meter], None]]) -> None:
    """Run the variant given as the second argument on the task given as the first, and print what was measured."""
    task = Task(**json.loads(sys.argv[1]))
    meter = Meter(task.events)
    variants[sys.argv[2]](task, meter)
    sys.stdout.write(json.dumps(asdict(meter.measured())) + "\n")
