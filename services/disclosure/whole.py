"""The whole account: the offers that were made and what was opened, in one list by when it was.

Each is read in an order of its own, and a page remembers how far it came in both, so that nothing is left out between
two pages and nothing comes twice, however their times stand to each other.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from heapq import merge
from typing import NamedTuple

from services.disclosure.account import Line
from services.disclosure.offers import Place


class After(NamedTuple):
    """How far pages came: among what was opened, and among the offers."""

    opened: int | None = None
    offers: Place | None = None


class Page(NamedTuple):
    """Part of the account, the latest first; `next` is None at its end."""

    lines: Sequence[Line]
    next: After | None


class NoPlace(ValueError):
    """The text is none in which a page ended."""


START = After()


def paged(opened: Sequence[Line], offers: Sequence[Line], after: After, limit: int) -> Page:
    """Return so many of both; each is given in its order, one more than the page holds where there are more."""
    lines = list(merge(opened, offers, key=lambda line: line.at, reverse=True))
    kept = lines[:limit]
    return Page(kept, _ended(kept, after) if len(lines) > len(kept) else None)


def _ended(lines: Sequence[Line], after: After) -> After:
    for line in lines:
        if line.offer is None:
            after = after._replace(opened=line.place)
        else:
            after = after._replace(offers=Place(line.offer.given, line.place))
    return after


def values(after: After) -> Iterator[str | int | None]:
    """Yield the place as what cursors are made of."""
    yield after.opened
    yield after.offers and after.offers.given.isoformat()
    yield after.offers and after.offers.place


def said(after: After) -> str:
    """Return the place as text."""
    return "/".join("" if each is None else str(each) for each in values(after))


def heard(text: str) -> After:
    """Return the place that the text says.  Raises NoPlace."""
    try:
        opened, given, place = text.split("/")
        return after_of(int(opened) if opened else None, given or None, int(place) if place else None)
    except ValueError:
        raise NoPlace from None


def after_of(opened: int | None, given: str | None, place: int | None) -> After:
    """Return the place of these values.  Raises ValueError where they are none."""
    if (given is None) != (place is None):
        raise ValueError("half a place")
    return After(opened, None if given is None or place is None else Place(datetime.fromisoformat(given), place))
