"""The account in one list: pages leave nothing out and repeat nothing, whatever the clocks of its two logs said."""

from collections.abc import Callable, Sequence
from random import Random

import pytest

from services.disclosure.account import Line
from services.disclosure.whole import START, After, NoPlace, Page, heard, paged, said
from tests.support.disclosed import offered, opened

SEEDS = range(40)


def two(seed: int) -> tuple[list[Line], list[Line]]:
    """Return what was opened, the latest place first, by a clock that steps back; and offers, the latest first."""
    random = Random(seed)
    read = [opened(place, place + random.randint(-3, 3)) for place in range(random.randint(0, 12))]
    sent = [offered(place, random.randint(0, 12)) for place in range(random.randint(0, 9))]
    return read[::-1], sorted(sent, key=lambda line: (line.at, line.place), reverse=True)


def walked(seed: int, limit: int, go_on: Callable[[Page], After | None]) -> list[Line]:
    """Return the lines of every page, each read from where the one before ended."""
    read, sent = two(seed)
    after: After | None = START
    found: list[Line] = []
    while after is not None:
        page = paged(_opened(read, after)[: limit + 1], _offers(sent, after)[: limit + 1], after, limit)
        found += page.lines
        after = go_on(page)
    return found


def _opened(lines: Sequence[Line], after: After) -> Sequence[Line]:
    return [line for line in lines if after.opened is None or line.place < after.opened]


def _offers(lines: Sequence[Line], after: After) -> Sequence[Line]:
    return [line for line in lines if after.offers is None or (line.at, line.place) < after.offers]


@pytest.mark.parametrize("limit", [1, 2, 5, 100])
def test_pages_are_all_of_it_once(limit: int) -> None:
    for seed in SEEDS:
        read, sent = two(seed)
        found = walked(seed, limit, lambda page: page.next)
        assert sorted(line.event for line in found) == sorted(line.event for line in [*read, *sent])
        assert [line for line in found if line.offer is None] == read
        assert [line for line in found if line.offer is not None] == sent


def test_a_place_by_the_last_line_alone_would_repeat_lines() -> None:
    """The control: it is by remembering both places that nothing comes twice."""

    def forgetting(page: Page) -> After | None:
        if page.next is None:
            return None
        return page.next._replace(offers=None) if page.lines[-1].offer is None else page.next

    read, sent = [opened(1, 1), opened(2, 2)], [offered(1, 3)]
    first = paged(read[::-1], sent, START, 2)
    after = forgetting(first)
    assert after is not None
    again = paged(_opened(read, after), _offers(sent, after), after, 2)
    assert first.lines[0] in again.lines


def test_a_page_is_in_order_of_time_where_clocks_keep_it() -> None:
    page = paged([opened(3, 9), opened(2, 3)], [offered(8, 5), offered(7, 1)], START, 9)
    assert [line.place for line in page.lines] == [3, 8, 2, 7]
    assert page.next is None


def test_a_place_is_told_as_text_and_found_again() -> None:
    places = [START, *(paged(*two(seed), START, 3).next or START for seed in SEEDS)]
    assert [heard(said(each)) for each in places] == places


@pytest.mark.parametrize("text", ["", "1", "x//", "1/2026-03-01T00:00:00+00:00/", "//4", "1/today/2"])
def test_other_text_is_no_place(text: str) -> None:
    with pytest.raises(NoPlace):
        heard(text)
