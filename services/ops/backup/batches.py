"""A broker's own files: whole batches of records, one after another, each with a sum of its own."""

from collections.abc import Iterator
from struct import Struct
from typing import BinaryIO, NamedTuple

from aiokafka.record.util import calc_crc32c

from services.ops.backup.errors import LogDamaged

#: First offset, length of what follows, epoch of the leader, format, sum, attributes, how many offsets further.
HEADER = Struct(">qiibIhi")
#: The offset and the length, which the length does not count.
LEAD = 12
#: From here on the sum is taken: offset and epoch are the broker's to fill in.
SUMMED = 21
FORMAT = 2


class Batch(NamedTuple):
    """The bytes of one batch, and the offset that follows its last record."""

    data: bytes
    next_offset: int


def batches(file: BinaryIO) -> Iterator[Batch]:
    """Yield the whole batches from where the file stands; what a broker is still writing ends them.

    Raises LogDamaged when a batch is whole and not what was written.
    """
    while len(lead := file.read(HEADER.size)) == HEADER.size:
        first, length, _, version, crc, _, further = HEADER.unpack(lead)
        rest = file.read(max(0, LEAD + length - HEADER.size))
        data = lead + rest
        if length <= 0 or len(data) < LEAD + length:
            return
        if version != FORMAT or calc_crc32c(data[SUMMED:]) != crc:
            raise LogDamaged(f"{file.name}, in the batch at offset {first}")
        yield Batch(data, first + further + 1)
