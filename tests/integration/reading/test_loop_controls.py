"""The comparison with the raw log finds a wrong row of any kind: each fault here would else go unseen."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pytest

from projections.brief import BriefTimeline
from projections.measurement.loops import LOOP, Loops
from projections.measurement.projection import MeasurementProjection
from projections.projection import Entry, Row
from services.measurement.loops import Line
from tests.integration.reading.conftest import Tables, tables
from tests.integration.reading.loop_oracle import LoopOracle
from tests.integration.reading.test_loops import EVERYTHING, asked, in_order, instants, plain
from tests.oracle.reading import Raw
from tests.support.looplog import loop_lines, spread_over
from tests.unit.oracle.test_oracle import PARTITIONS

MONTH, NEED_MONTH, MARK, HAPPENED = map(LOOP.place, ("month", "need_month", "mark", "happened"))


class Exact(Loops):
    """Nothing is wrong with it."""


class Forgetful(Loops):
    """Takes nothing back."""

    def rows(self, entry: Entry) -> Iterable[Row]:
        return [row for row in super().rows(entry) if row[HAPPENED] is not None]


class Wandering(Loops):
    """Lets a need move to the month of its latest offer."""

    def rows(self, entry: Entry) -> Iterable[Row]:
        return [(*row[:NEED_MONTH], row[MONTH], *row[NEED_MONTH + 1 :]) for row in super().rows(entry)]


class Faithful(Loops):
    """Does not notice that a person was erased."""

    def rows(self, entry: Entry) -> Iterable[Row]:
        return [row for row in super().rows(entry) if row[MARK] != "erased"]


class Deaf(Loops):
    """Does not hear what the sender heard."""

    def rows(self, entry: Entry) -> Iterable[Row]:
        return [row for row in super().rows(entry) if row[MARK] != "heard"]


class Stubborn(Loops):
    """Lets an offer speak for the need though another took its place."""

    def rows(self, entry: Entry) -> Iterable[Row]:
        return [row for row in super().rows(entry) if row[MARK] != "replaced"]


class Rooted(Loops):
    """Leaves a need where it began, though nobody was asked there."""

    def rows(self, entry: Entry) -> Iterable[Row]:
        return [row for row in super().rows(entry) if row[MARK] != "moved"]


@pytest.fixture(scope="module")
def log() -> list[Raw]:
    return spread_over(loop_lines(12, 200), PARTITIONS)


@pytest.mark.parametrize("view", [Exact, Forgetful, Wandering, Faithful, Deaf, Stubborn, Rooted])
async def test_a_wrong_row_is_found_out(uri: str, log: list[Raw], view: type[Loops]) -> None:
    projection = MeasurementProjection()
    projection.views = (BriefTimeline(), view())
    async with tables(uri, projection) as made:
        await made.fold(log, 500)
        at = instants(log)[3]
        async with made.reader.acquire() as connection:
            oracle = LoopOracle(connection)
            await oracle.load(log)
            await oracle.look(at, EVERYTHING.maturity_days)
            wanted = in_order(await oracle.count("needs", ("month",)), ("month",))
        assert (await by_month(made, [line["month"] for line in wanted]) == wanted) is (view is Exact)


async def by_month(made: Tables, months: Iterable[date]) -> list[Line]:
    """Return the figures of each month, asked for by itself."""
    questions = [replace(EVERYTHING, cuts=frozenset(("month",)), first=month, last=month) for month in months]
    return [plain(line) for question in questions for line in (await asked(made, question)).figures]


async def test_an_instant_that_is_not_kept_to_is_found_out(uri: str, log: list[Raw]) -> None:
    async with tables(uri, MeasurementProjection()) as made:
        await made.fold(log, 500)
        async with made.reader.acquire() as connection:
            oracle = LoopOracle(connection)
            await oracle.load(log)
            await oracle.look(instants(log)[1], EVERYTHING.maturity_days)
            wanted = await oracle.count("offers", ())
        then = await asked(made, replace(EVERYTHING, of="offers", as_of=instants(log)[1]))
        now = await asked(made, replace(EVERYTHING, of="offers"))
        assert [plain(line) for line in then.figures] == wanted
        assert [plain(line) for line in now.figures] != wanted
