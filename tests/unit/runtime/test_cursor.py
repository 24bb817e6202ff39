from dataclasses import replace

import pytest
from faust.types import TP

from projections.record import Position, fingerprint
from services.runtime.cursor import Batch, Cursor, Stop, misplaced
from tests.support.events import Told, lines

PLACE = TP("cases", 0)
RECORDS = lines([Told()("referral.requested") for _ in range(5)], start=10)


def cursor(offset: int, proof: bytes | None = None) -> Cursor:
    return Cursor(None, 0, offset, proof)


def test_records_become_a_batch_that_follows_the_last() -> None:
    reading = cursor(10)
    first, second = reading.take(PLACE, RECORDS[:2]), reading.take(PLACE, RECORDS[2:])
    assert isinstance(first, Batch)
    assert isinstance(second, Batch)
    assert (first.start, first.stop, second.start, second.stop) == (10, 12, 12, 15)


def test_record_folded_last_is_proven_and_left_out() -> None:
    batch = cursor(11, fingerprint(RECORDS[0])).take(PLACE, RECORDS)
    assert isinstance(batch, Batch)
    assert (batch.start, [record.offset for record in batch.records]) == (11, [11, 12, 13, 14])


def test_proof_alone_makes_no_batch_and_is_asked_once() -> None:
    reading = cursor(11, fingerprint(RECORDS[0]))
    assert reading.take(PLACE, RECORDS[:1]) is None
    assert isinstance(reading.take(PLACE, RECORDS[1:]), Batch)


def test_another_record_in_its_place_is_a_replaced_log() -> None:
    other = replace(RECORDS[0], timestamp=RECORDS[0].timestamp + 1)
    assert cursor(11, fingerprint(other)).take(PLACE, RECORDS) == Stop("log-replaced", 11)


def test_missing_record_is_a_cut_log() -> None:
    assert cursor(11, fingerprint(RECORDS[0])).take(PLACE, RECORDS[1:]) == Stop("log-cut", 11)


@pytest.mark.parametrize(
    ("next_offset", "proven", "first", "end", "code"),
    [
        (0, False, 0, 0, None),
        (0, False, 0, 9, None),
        (5, True, 0, 5, None),
        (5, True, 4, 9, None),
        (5, True, 5, 9, "history-missing"),
        (0, False, 1, 9, "history-missing"),
        (5, True, 0, 4, "log-cut"),
        (5, True, 0, 0, "log-cut"),
    ],
)
def test_log_is_compared_with_the_position(
    next_offset: int, proven: bool, first: int, end: int, code: str | None
) -> None:
    assert misplaced(Position(next_offset), proven, first, end) == code
