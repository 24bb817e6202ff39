from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ops.backup.batches import LEAD, batches
from services.ops.backup.errors import LogDamaged
from tests.unit.ops.backup.segments import batch

LOG = [batch(0, b"one"), batch(1, b"two", b"three"), batch(3, b"four")]


def walked(data: bytes) -> list[tuple[bytes, int]]:
    file = BytesIO(data)
    file.name = "segment"
    return [(each.data, each.next_offset) for each in batches(file)]


def test_batches_are_walked_with_the_offset_after_each() -> None:
    assert walked(b"".join(LOG)) == [(LOG[0], 1), (LOG[1], 3), (LOG[2], 4)]


@given(st.integers(0, sum(map(len, LOG))))
def test_what_is_still_being_written_is_left_out(cut: int) -> None:
    ends = [sum(map(len, LOG[:count])) for count in range(len(LOG) + 1)]
    whole = max(count for count, end in enumerate(ends) if end <= cut)
    assert [data for data, _ in walked(b"".join(LOG)[:cut])] == LOG[:whole]


@given(st.integers(LEAD + 9, len(LOG[0]) - 1), st.integers(1, 255))
def test_record_that_changed_on_disk_is_noticed(place: int, by: int) -> None:
    spoilt = bytearray(LOG[0])
    spoilt[place] ^= by
    with pytest.raises(LogDamaged):
        walked(bytes(spoilt) + LOG[1])


def test_file_of_zeros_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "segment").write_bytes(bytes(200))
    with (tmp_path / "segment").open("rb") as file:
        assert list(batches(file)) == []
