"""The two workloads: the same stories, told one after another or 20,000 at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from random import Random
from statistics import median
from typing import Literal, NamedTuple

from bench.stories import story
from events.catalogue import CaseEvent
from events.codec import write

Name = Literal["neighbours", "mixed"]
NAMES: tuple[Name, ...] = ("neighbours", "mixed")
#: Referrals open at once in the mixed workload.
OPEN_AT_ONCE = 20_000
SEED = 20260302


class Line(NamedTuple):
    """A record to be: the Kafka key, the value, and which aggregate it is about."""

    key: bytes
    value: bytes
    subject: str


@dataclass(frozen=True)
class Workload:
    """A log to be, in order; both workloads hold the same records."""

    name: Name
    lines: list[Line]

    @property
    def median_bytes(self) -> int:
        return int(median(len(line.value) for line in self.lines))

    @property
    def subjects(self) -> int:
        """How many aggregates, clients and referrals, the log speaks of."""
        return len({line.subject for line in self.lines})


def _line(event: CaseEvent) -> Line:
    return Line(event.partitionkey.encode(), write(event), event.subject)


def _stories(events: int, random: Random) -> list[list[Line]]:
    """Return whole stories with at least `events` events in all, the last one cut to fit."""
    told: list[list[Line]] = []
    left = events
    while left > 0:
        lines = [_line(event) for event in story(random)][:left]
        left -= len(lines)
        told.append(lines)
    return told


def _mixed(stories: list[list[Line]], random: Random) -> Iterator[Line]:
    """Take the next event of any open story at random; a story that ends makes room for the next."""
    waiting = iter(stories)
    opened = [iter(lines) for lines in islice(waiting, OPEN_AT_ONCE)]
    while opened:
        chosen = random.randrange(len(opened))
        line = next(opened[chosen], None)
        if line is not None:
            yield line
            continue
        following = next(waiting, None)
        if following is None:
            opened[chosen] = opened[-1]
            opened.pop()
        else:
            opened[chosen] = iter(following)


def generate(events: int) -> dict[Name, Workload]:
    """Return both workloads, the same for the same count."""
    random = Random(SEED)
    stories = _stories(events, random)
    return {
        "neighbours": Workload("neighbours", [line for lines in stories for line in lines]),
        "mixed": Workload("mixed", list(_mixed(stories, random))),
    }
