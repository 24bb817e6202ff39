"""Figures of referrals as they are read: all partitions added up, and zero told apart from unknown."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from projections.measurement.figures import FIGURE
from projections.sql import statement
from projections.store.pool import Connection, Pool
from services.runtime.moment import moment


@dataclass(frozen=True)
class Sums:
    """How many referrals; `backfilled` counts are the part that is history loaded later."""

    sent: int = 0
    received: int = 0
    served: int = 0
    sent_backfilled: int = 0
    received_backfilled: int = 0
    served_backfilled: int = 0


@dataclass(frozen=True)
class Figure:
    """One partner's month.  `sums` are None where nobody knows: it tells its work in another way, or not at all."""

    partner: str
    #: The month's first day; months are those of UTC.
    month: date
    sums: Sums | None


@dataclass(frozen=True)
class Figures:
    """Figures of one moment.  From the month of `until` on they may still grow; `vector` says what was folded."""

    figures: tuple[Figure, ...]
    #: The newest broker's clock among all partitions; None before the first record.
    until: datetime | None
    #: Next offset by partition.
    vector: dict[int, int]


@dataclass(frozen=True)
class Reporter:
    """A partner whose figures are expected."""

    partner: str
    joined: date
    #: It speaks of single cases, so what it did not say did not happen.
    by_case: bool


@dataclass(frozen=True)
class Span:
    """From one month to another, both in it; None is open."""

    first: date | None = None
    last: date | None = None


async def referrals(pool: Pool, initiative: str, span: Span, reporters: Sequence[Reporter] = ()) -> Figures:
    """Return the initiative's figures, month by month, with a line for each of these partners.

    The pool's search path is the schema that readers of measurement use.
    """
    async with moment(pool, initiative) as connection:
        found = await _summed(connection, initiative, span)
        positions = await connection.fetch(statement(FIGURE.sql, "vector"))
    clock = max((row["clock"] for row in positions), default=0)
    until = datetime.fromtimestamp(clock / 1000, UTC) if clock else None
    lines = completed(found, reporters, span, until)
    return Figures(tuple(lines), until, {row["partition"]: row["next_offset"] for row in positions})


async def _summed(connection: Connection, initiative: str, span: Span) -> list[Figure]:
    rows = await connection.fetch(statement(FIGURE.sql, "by_month"), initiative, span.first, span.last)
    return [Figure(row["partner"], row["month"], Sums(*tuple(row)[2:])) for row in rows]


def completed(
    found: Sequence[Figure], reporters: Iterable[Reporter], span: Span, until: datetime | None
) -> list[Figure]:
    """Return the figures with those added that are zero, and those that are unknown.

    A partner that speaks of cases had none in a month since it joined, or since its first, that has no figure;
    of one that does not, nobody knows.
    """
    known = {(figure.month, figure.partner): figure for figure in found}
    months = list(_months(found, span, until))
    for each in reporters:
        begins = min([each.joined, *(month for month, partner in known if partner == each.partner)])
        for month in months:
            if month >= begins.replace(day=1):
                sums = Sums() if each.by_case else None
                known.setdefault((month, each.partner), Figure(each.partner, month, sums))
    return [known[key] for key in sorted(known)]


def _months(found: Sequence[Figure], span: Span, until: datetime | None) -> Iterator[date]:
    """Yield the months to show: those asked for, else from the first to the last of which anything is known."""
    told = [figure.month for figure in found]
    now = [until.date()] if until else []
    first = span.first or min([*told, *now], default=None)
    last = span.last or max([*told, *now], default=None)
    if first is None or last is None:
        return
    for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        yield date(number // 12, number % 12 + 1, 1)
