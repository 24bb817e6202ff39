"""Loop figures as they are read: four rates with their counts, never one, and the events behind each figure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple, get_args

from projections.sql import statement
from projections.store.pool import Connection
from services.measurement.asking import CUTS, MARKS, Figure, Question

SQL = Path(__file__).with_name("loops.sql")
Line = dict[str, Any]
#: Rate → its numerator and its denominator.
RATES: Mapping[str, tuple[str, str]] = {
    "disposition": ("disposed", "sent"),
    "served": ("served", "sent"),
    "acknowledged": ("acknowledged", "told"),
    "client_confirmed": ("confirmed", "asked"),
}
#: Span → how many were measured, and their percentiles.
SPANS = {
    "response": "responses",
    "acceptance": "acceptances",
    "start": "starts",
    "closure": "closures",
}
#: The figures that are counts by themselves: neither how many a span was measured of, nor the declined by reason.
COUNTS: tuple[Figure, ...] = tuple(name for name in get_args(Figure) if name not in {*SPANS.values(), "declined"})


class Moment(NamedTuple):
    """When figures are of, and how far the log was folded: next offset by partition."""

    at: datetime
    vector: dict[int, int]


@dataclass(frozen=True)
class Loops:
    """Figures of one moment; `moment` is None before the first record."""

    moment: Moment | None
    figures: tuple[Line, ...] = ()
    #: Why offers were declined, by service and area.
    declines: tuple[Line, ...] = ()
    #: What was arranged outside; counted in no rate.
    outside: tuple[Line, ...] = ()


class Place(NamedTuple):
    """Where a list of events ended."""

    at: datetime
    tie: str
    partition: int
    record_offset: int
    number: int


@dataclass(frozen=True)
class Behind:
    """Part of the events that a figure counts; `next` is None at the end."""

    moment: Moment | None
    events: tuple[Line, ...] = ()
    next: Place | None = None


async def loops(connection: Connection, asked: Question) -> Loops:
    """Return the figures, within a transaction that sees one moment of the projection of measurement."""
    moment = await _moment(connection, asked)
    if moment is None:
        return Loops(None)
    rows = await connection.fetch(_query(asked, "figures"), *_arguments(asked, moment))
    offers = replace(asked, of="offers")
    declined = await connection.fetch(_query(offers, "declines"), *_arguments(offers, moment))
    outside = await connection.fetch(statement(SQL, "outside"), *_outside(asked, moment))
    return Loops(
        moment,
        tuple(_line(asked, dict(row)) for row in rows),
        tuple(dict(row) for row in declined),
        # Nobody outside takes part here, so nothing there is of a recipient.
        () if asked.only.keys() & {"recipient", "service", "programme_class"} else tuple(dict(row) for row in outside),
    )


async def behind(connection: Connection, asked: Question, figure: Figure, after: Place | None, limit: int) -> Behind:
    """Return some of the events that the figure counts, in the order they were recorded.

    With those that may have ended several offers at once (`apart`) comes their digest.
    """
    moment = await _moment(connection, asked)
    if moment is None:
        return Behind(None)
    wanted = (figure, list(MARKS[figure]), *(after or (None,) * 5), limit + 1, asked.scope.by_day)
    rows = await connection.fetch(_query(asked, "behind"), *_arguments(asked, moment), *wanted)
    events = tuple(await _with_digests(connection, asked, [dict(row) for row in rows[:limit]]))
    more = Place(*(events[-1][name] for name in Place._fields)) if len(rows) > limit else None
    return Behind(moment, events, more)


async def _with_digests(connection: Connection, asked: Question, events: list[Line]) -> list[Line]:
    apart = [each for each in events if each["apart"]]
    if not apart:
        return events
    named = [each["record"] for each in apart], [each["event"] for each in apart]
    rows = await connection.fetch(statement(SQL, "digests"), asked.scope.initiative, *named)
    digests = {(row["record"], row["source"], row["event"]): row["digest"] for row in rows}
    of = ("record", "source", "event")
    return [each | {"digest": digests[tuple(each[name] for name in of)]} if each["apart"] else each for each in events]


async def _moment(connection: Connection, asked: Question) -> Moment | None:
    await connection.execute(statement(SQL, "plans"))
    rows = await connection.fetch(statement(SQL, "vector"))
    clock = max((row["clock"] for row in rows), default=0)
    if not clock:
        return None
    now = datetime.fromtimestamp(clock / 1000, UTC)
    # Nobody knows yet what will be.
    at = now if asked.as_of is None else min(asked.as_of, now)
    return Moment(at, {row["partition"]: row["next_offset"] for row in rows})


def _query(asked: Question, what: str) -> str:
    blocks = (f"said_of_{asked.of}", "offers", f"unit_of_{asked.of}", "counted", what)
    return "\n".join(statement(SQL, block) for block in blocks)


def _arguments(asked: Question, moment: Moment) -> tuple[Any, ...]:
    scope, only = asked.scope, asked.only
    hidden = None if scope.hidden is None else sorted(scope.hidden)
    return (
        *_cohort(asked, moment),
        asked.maturity_days,
        scope.own,
        hidden,
        sorted(asked.cuts),
        *(only.get(cut) for cut in CUTS if cut != "month"),
    )


def _cohort(asked: Question, moment: Moment) -> tuple[str, date, date, datetime]:
    return (asked.scope.initiative, asked.first or date.min, asked.last or date.max, moment.at)


def _outside(asked: Question, moment: Moment) -> tuple[Any, ...]:
    scope, only = asked.scope, asked.only
    hidden = None if scope.hidden is None else sorted(scope.hidden)
    narrowed = (only.get("sender"), only.get("need"), only.get("area"))
    return (*_cohort(asked, moment), scope.own, hidden, sorted(asked.cuts), *narrowed)


def _line(asked: Question, row: Mapping[str, Any]) -> Line:
    """Return one line of figures: what it is cut by, counts, rates as two counts, and spans in whole seconds."""
    spans = {name: _spread(row[counted], row[name]) for name, counted in SPANS.items()}
    return {
        **{cut: row[cut] for cut in CUTS if cut in asked.cuts},
        **{name: row[name] for name in COUNTS},
        "rates": {name: {"of": row[above], "among": row[below]} for name, (above, below) in RATES.items()},
        "seconds": spans | {"open": {**_spread(row["open"], row["age"]), "most": row["oldest"]}},
        "hops": {**_spread(row["sent"], row["hops"]), "most": row["hops_most"], "offers": row["offers"]},
    }


def _spread(count: int, found: list[int | None] | None) -> Line:
    median, ninetieth = found or (None, None)
    return {"count": count, "median": median, "p90": ninetieth}
