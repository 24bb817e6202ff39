"""Cursors in few bytes, and what waits for a reader."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.catalogue import NAMES
from projections.communication.notes import Next
from services.gateway.binding import Binding
from services.gateway.feeds.cursors import FILLING, LONGEST, Cursors, Way, packed, unpacked
from services.gateway.feeds.shapes import SAYING, shown
from services.gateway.feeds.stream import MOST, Stream
from services.gateway.principal import Kind, Principal
from services.gateway.problems import ProblemError
from services.notifications.feed import Cursor, Entry, Place, Whose

BINDING = Binding(b"k" * 32)
CLINIC = Principal(Kind.PARTNER_SYSTEM, "riverbend", "clinic", None, frozenset(), "token:a")
WHOSE = Whose("riverbend", "clinic")
NOW = datetime(2026, 3, 2, tzinfo=UTC)

places = st.builds(Place, st.integers(0, 2**62), st.integers(0, 30_000))


@given(st.dictionaries(st.integers(0, 2**31 - 1), places, max_size=40))
def test_cursor_comes_back_as_it_went(seen: dict[int, Place]) -> None:
    assert unpacked(packed(Cursor(seen))) == Cursor(seen)


def test_cursor_of_many_partitions_is_short_enough() -> None:
    seen = {number: Place(2**35 - 1, 127) for number in range(400)}
    text = Cursors(BINDING, CLINIC).write(Cursor(seen))
    assert len(text) < LONGEST
    assert Cursors(BINDING, CLINIC).read(text) == Cursor(seen)


def test_cursor_outlives_another_role_and_another_token() -> None:
    person = Principal(Kind.STAFF, "riverbend", "clinic", "p", frozenset(), "session:a")
    same = Principal(Kind.REGISTRAR, "riverbend", "clinic", "p", frozenset(), "session:b")
    cursor = Cursor({3: Place(4, 0)})
    assert Cursors(BINDING, same).read(Cursors(BINDING, person).write(cursor)) == cursor


@pytest.mark.parametrize(
    "other",
    [
        Principal(Kind.PARTNER_SYSTEM, "riverbend", "shelter"),
        Principal(Kind.PARTNER_SYSTEM, "elsewhere", "clinic"),
        Principal(Kind.STAFF, "riverbend", "clinic", "p"),
    ],
)
def test_cursor_of_somebody_else_is_none(other: Principal) -> None:
    text = Cursors(BINDING, other).write(Cursor({3: Place(4, 0)}))
    with pytest.raises(ProblemError, match="bad-cursor"):
        Cursors(BINDING, CLINIC).read(text)


def test_cursor_leads_one_way() -> None:
    text = Cursors(BINDING, CLINIC).write(Cursor(), Way.BEFORE)
    with pytest.raises(ProblemError, match="bad-cursor"):
        Cursors(BINDING, CLINIC).read(text, Way.AFTER)


def entry(offset: int, partition: int = 0, ordinal: int = 0) -> Entry:
    times = (NOW, NOW + timedelta(seconds=1))
    said = ("offer-viewed", "sender", "nothing", None, None, None, None, False, "e", "t", *times)
    return Entry(*said, partition, Place(offset, ordinal))


def test_length_of_a_cursor_tells_neither_partitions_nor_how_many_were_told() -> None:
    few, more = {0: Place(4, 0)}, {0: Place(4, 200), 7: Place(2**20, 3), 9: Place(5, 0)}
    cursors = Cursors(BINDING, CLINIC)
    assert len(cursors.write(Cursor(few))) == len(cursors.write(Cursor(more)))
    # A control: without what fills it up each part shows.
    assert len(packed(Cursor(few)).rstrip(FILLING)) < len(packed(Cursor(more)).rstrip(FILLING))


def test_cursor_that_was_given_out_unfilled_is_still_read() -> None:
    seen = {0: Place(4, 200), 7: Place(2**20, 3)}
    assert unpacked(packed(Cursor(seen)).rstrip(FILLING)) == Cursor(seen)


@pytest.mark.parametrize("why", ["class-member", "recipient"])
def test_of_an_offer_that_is_gone_the_day_alone_is_told(why: str) -> None:
    said, late = ("nothing", "r", "o", None, None, False, "e", "withheld"), NOW + timedelta(hours=9, minutes=1)
    gone = shown(Entry("offer-gone", why, *said, NOW - timedelta(days=20), late, 0, Place(4, 0)))
    assert (gone["happened"], gone["recorded"]) == (NOW, NOW)
    # It is out of a member's sight, and not of its recipient's.
    assert gone["next"]["see"] == (None if why == "class-member" else "/v1/referrals/r")


def test_of_anything_else_the_instant_is_told() -> None:
    told = shown(entry(4))
    assert (told["happened"], told["recorded"]) == (NOW, NOW + timedelta(seconds=1))


def test_what_was_seen_by_pages_is_not_taken_again() -> None:
    stream = Stream(CLINIC, WHOSE, None)
    stream.cursor = Cursor({0: Place(5, 0)})
    stream.push([entry(4), entry(5), entry(5, ordinal=1), entry(1, partition=1), entry(6)])
    assert [(each.partition, *each.place) for each in stream.take()] == [(0, 5, 1), (1, 1, 0), (0, 6, 0)]
    assert stream.take() == []


def test_what_is_pushed_twice_is_taken_once() -> None:
    stream = Stream(CLINIC, WHOSE, None)
    stream.push([entry(1), entry(2)])
    stream.push([entry(2), entry(3)])
    assert [each.place.offset for each in stream.take()] == [1, 2, 3]


def test_reader_for_whom_too_much_waits_comes_to_it_by_pages() -> None:
    stream = Stream(CLINIC, WHOSE, None)
    stream.push([entry(each) for each in range(MOST)])
    before = stream.behind
    stream.push([entry(MOST)])
    assert (before, stream.behind) == (False, True)
    assert stream.take() == []


async def test_first_reason_to_end_stands_and_wakes() -> None:
    stream = Stream(CLINIC, WHOSE, None)
    stream.end("unauthenticated")
    stream.end("stopping")
    assert stream.over == "unauthenticated"
    assert await stream.wait(0.001)


def test_every_next_step_has_what_carries_it_out() -> None:
    """A step that was left out once had the whole feed of a class's members fail."""
    assert set(SAYING) == set(get_args(Next))
    said = {each for names in SAYING.values() for each in names}
    assert said <= set(NAMES)
