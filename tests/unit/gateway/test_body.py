"""Bodies in memory that does not grow: lines, and what is compressed."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.types import Message

from services.admission.scan import LARGEST
from services.gateway.body import AT_ONCE, LINE, OVERLONG, PIECE, WAITING, Feed, Lines, pieces_of, whole
from services.gateway.guard import HELD, HOLD
from services.gateway.problems import ProblemError
from services.gateway.shares import PARTIES, Shares


def request(pieces: list[bytes], **headers: str) -> Request:
    """Return a request whose body comes in these pieces."""
    coming = iter([*pieces, None])

    async def receive() -> Message:
        piece = next(coming)
        return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request(
        {"type": "http", "method": "POST", "path": "/", "headers": raw, "state": {HOLD: Shares(HELD * PARTIES).take}},
        receive,
    )


@given(st.lists(st.binary(max_size=30)), st.lists(st.integers(1, 40)))
def test_lines_are_the_same_however_they_are_cut(lines: list[bytes], cuts: list[int]) -> None:
    text = b"\n".join(lines)
    cutter, found = Lines(), []
    for size in cuts:
        found += cutter.take(text[:size])
        text = text[size:]
    found += cutter.take(text) + cutter.last()
    assert found == [line for line in b"\n".join(lines).split(b"\n") if line.strip()]


@pytest.mark.parametrize("size", [LARGEST, LARGEST + 1, 3 * LARGEST])
def test_line_that_is_too_long_is_one_row_and_held_by_nobody(size: int) -> None:
    cutter, found = Lines(), []
    for _ in range(size // 4096):
        found += cutter.take(b"x" * 4096)
        assert len(cutter._rest) <= LARGEST
    found += cutter.take(b"x" * (size % 4096) + b"\nnext\n") + cutter.last()
    assert found == [b"x" * LARGEST if size == LARGEST else OVERLONG, b"next"]


@given(st.binary(max_size=5000), st.integers(1, 700))
async def test_compressed_body_is_unpacked(body: bytes, size: int) -> None:
    packed = gzip.compress(body)
    pieces = [packed[at : at + size] for at in range(0, len(packed), size)]
    assert await whole(request(pieces, content_encoding="gzip")) == body


async def test_bomb_is_unpacked_by_the_piece_and_no_further_than_allowed() -> None:
    packed = gzip.compress(bytes(64 << 20))
    sizes = [len(piece) async for piece in pieces_of(request([packed], content_encoding="gzip"))]
    assert max(sizes) <= PIECE
    with pytest.raises(ProblemError) as raised:
        await whole(request([packed], content_encoding="gzip"))
    assert raised.value.code == "body-too-large"


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", b"no gzip"),
        ("gzip", gzip.compress(b"{}")[:-3]),
        ("gzip", gzip.compress(b"{}") + b"more"),
        ("gzip", zlib.compress(b"{}")),
        ("br", b"{}"),
    ],
)
async def test_what_cannot_be_unpacked_is_refused(coding: str, body: bytes) -> None:
    with pytest.raises(ProblemError) as raised:
        await whole(request([body], content_encoding=coding))
    assert raised.value.code == ("unsupported-media-type" if coding == "br" else "bad-request")


async def test_length_said_beforehand_is_refused_unread() -> None:
    with pytest.raises(ProblemError) as raised:
        await whole(request([], content_length="11"), 10)
    assert raised.value.status == 413


async def test_lines_of_next_to_nothing_are_handed_on_a_few_at_a_time() -> None:
    packed = gzip.compress(b"1\n" * 500_000)
    feed, count = Feed(request([packed], content_encoding="gzip")), 0
    async for lines in feed.batches():
        assert len(lines) <= AT_ONCE
        assert len(feed._lines) * LINE <= WAITING + PIECE * LINE
        count += len(lines)
    assert count == 500_000
