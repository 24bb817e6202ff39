"""Times go to PostgreSQL and come back as they were."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from projections.store.times import EPOCH, decode, encode


@pytest.mark.parametrize(
    "time",
    [
        EPOCH,
        EPOCH - timedelta(microseconds=1),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(2026, 3, 2, 14, 30, 0, 1, tzinfo=timezone(timedelta(hours=5, minutes=45))),
    ],
)
def test_a_time_comes_back_in_utc(time: datetime) -> None:
    assert decode(encode(time)) == time
    assert decode(encode(time)).tzinfo is UTC


def test_a_time_without_a_zone_is_not_taken() -> None:
    with pytest.raises(TypeError):
        encode(datetime(2026, 3, 2))  # noqa: DTZ001 - what is not to be taken


@pytest.mark.parametrize("infinity", [b"\x7f" + b"\xff" * 7, b"\x80" + b"\x00" * 7])
def test_infinity_is_no_time(infinity: bytes) -> None:
    with pytest.raises(OverflowError):
        decode(infinity)
