"""A record's place on the log, as commands print it and take it: topic-partition:offset."""

from typing import NamedTuple

import typer

#: The largest partition number and the largest offset there can be.
PARTITIONS, OFFSETS = 2**31 - 1, 2**63 - 1


class Place(NamedTuple):
    """One record on the log."""

    topic: str
    partition: int
    offset: int


def placed(token: str, hint: str) -> Place:
    """Return the place that the token says.  Raises BadParameter, for the parameter `hint`, when it says none."""
    place, _, offset = token.rpartition(":")
    topic, _, partition = place.rpartition("-")
    if not topic or not _within(partition, PARTITIONS) or not _within(offset, OFFSETS):
        raise typer.BadParameter(f"{token!r} is not topic-partition:offset", param_hint=hint)
    return Place(topic, int(partition), int(offset))


def _within(number: str, most: int) -> bool:
    return number.isdecimal() and len(number) < 20 and int(number) <= most
