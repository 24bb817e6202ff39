"""Lines of any length and origin become rows, each with its line number."""

import io
import os
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.admission.scan import LARGEST
from services.ops import rows as module
from services.ops.rows import Rows


async def all_of(data: bytes) -> tuple[list[bytes], list[int]]:
    rows = Rows(io.BytesIO(data))
    found = [row async for batch in rows.batches() for row in batch]
    return found, [rows.line() for _ in found]


async def test_blank_lines_say_nothing_and_still_count() -> None:
    assert await all_of(b"a\n\n  \nb\r\nc") == ([b"a", b"b\r", b"c"], [1, 4, 5])


@given(st.lists(st.sampled_from([b"", b"a", b"bb", b" "]), max_size=20), st.integers(1, 7))
async def test_rows_do_not_depend_on_how_much_is_read_at_once(lines: list[bytes], size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "READ", size)
        found = await all_of(b"\n".join(lines))
    wanted = [(line, number) for number, line in enumerate(lines, 1) if line.strip()]
    assert list(zip(*found, strict=True)) == wanted


async def test_endless_line_is_cut_and_the_next_one_is_whole() -> None:
    found, lines = await all_of(b"first\n" + b"x" * (3 * LARGEST) + b"\nlast\n")
    assert [len(row) for row in found] == [5, LARGEST + 1, 4]
    assert lines == [1, 2, 3]


async def test_pipe_gives_its_rows_as_they_come() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as stream, os.fdopen(writing, "wb", buffering=0) as sender:
        batches = Rows(stream).batches()
        threading.Thread(target=sender.write, args=(b"one\n",)).start()
        assert await anext(batches) == [b"one"]
        sender.write(b"two\n")
        sender.close()
        assert [batch async for batch in batches] == [[b"two"]]
