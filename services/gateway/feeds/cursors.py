"""Feeds' cursors as callers hold them: short, authenticated, and worth something for the reader's own feed alone."""

from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum

from services.gateway.binding import Binding
from services.gateway.principal import Kind, Principal
from services.gateway.problems import ProblemError
from services.notifications.feed import Cursor, Place

#: Characters of a cursor: enough for some five hundred partitions.
LONGEST = 4096
#: Bytes by which a cursor grows: its length tells neither in how many partitions its reader was told anything, nor how
#: many were told by one event.  What fills it up begins a number that never ends, so it is read as nothing.
STEP, FILLING = 64, b"\x80"


class Way(StrEnum):
    """In which direction a cursor leads on; it leads nowhere in the other one."""

    AFTER = "feed after"
    BEFORE = "feed before"


class Cursors:
    """Gives out and takes back the cursors of one reader.

    A feed is the partner's, whatever its reader acts as at the moment: a change of role leaves cursors as they were.
    """

    def __init__(self, binding: Binding, who: Principal) -> None:
        self._binding = binding
        self._who = replace(who, kind=Kind.PARTNER_SYSTEM)

    def write(self, cursor: Cursor, way: Way = Way.AFTER) -> str:
        """Return the cursor as text."""
        return self._binding.bind(way, self._who, packed(cursor))

    def read(self, text: str, way: Way = Way.AFTER) -> Cursor:
        """Return the cursor of a text.  Raises ProblemError when it was not given to this reader for this way."""
        payload = self._binding.unbind(way, self._who, text, LONGEST)
        if payload is None:
            raise ProblemError(400, "bad-cursor")
        return unpacked(payload)


def packed(cursor: Cursor) -> bytes:
    """Return partition, offset and ordinal of each part, partitions as their distance, each number in few bytes."""
    found, before = bytearray(), 0
    for partition, (offset, ordinal) in sorted(cursor.seen.items()):
        for number in (partition - before, offset, ordinal):
            found += _short(number)
        before = partition
    return bytes(found) + FILLING * (-len(found) % STEP)


def unpacked(payload: bytes) -> Cursor:
    """Return the cursor that was packed so."""
    numbers, seen, partition = _numbers(payload), dict[int, Place](), 0
    for distance, offset, ordinal in zip(numbers, numbers, numbers, strict=False):
        partition += distance
        seen[partition] = Place(offset, ordinal)
    return Cursor(seen)


def _short(number: int) -> bytes:
    """Return the number in sevens of bits, the lowest first, each but the last marked."""
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])


def _numbers(payload: bytes) -> Iterator[int]:
    number = shift = 0
    for byte in payload:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte <= 0x7F:
            yield number
            number = shift = 0
