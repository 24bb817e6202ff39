"""Loop figures are what plain SQL over the raw log finds by itself: for every cut, now and at earlier instants."""

import os
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import combinations

import pytest

from projections.measurement import MEASUREMENT
from projections.store.pool import Connection
from services.measurement.asking import CUTS, MARKS, OF_OFFERS, CannotBeCut, Cut, Figure, Of, Question, Scope
from services.measurement.loops import COUNTS, SPANS, Line, Loops, behind, loops
from tests.integration.reading.conftest import Tables, tables
from tests.integration.reading.loop_oracle import LoopOracle
from tests.oracle.reading import Raw
from tests.support.events import INITIATIVE
from tests.support.looplog import PROTECTED, loop_lines, spread_over
from tests.unit.oracle.test_oracle import PARTITIONS

#: Events of the log that is compared; `make prove` asks for 200,000.
EVENTS = int(os.environ.get("MANYHANDS_LOOPS", "20000"))
#: Events that the story of one client takes, and how many are written in one batch.
A_CLIENT, BATCH = 14.5, 2000
EVERYTHING = Question(Scope(INITIATIVE, hidden=None), cuts=frozenset())


@pytest.fixture(scope="module")
def log() -> list[Raw]:
    return spread_over(loop_lines(7, round(EVENTS / A_CLIENT)), PARTITIONS)


@pytest.fixture(scope="module")
async def held(uri: str, log: list[Raw]) -> AsyncIterator[Tables]:
    """The whole log, folded, and its raw records beside it."""
    async with tables(uri, MEASUREMENT) as made:
        await made.fold(log, BATCH)
        async with made.reader.acquire() as connection:
            await LoopOracle(connection).load(log)
            await connection.execute("analyze")
        yield made


@asynccontextmanager
async def looking(held: Tables) -> AsyncIterator[Connection]:
    async with held.reader.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        yield connection


async def asked(held: Tables, question: Question) -> Loops:
    async with looking(held) as connection:
        return await loops(connection, question)


def cuts_of(of: Of) -> list[frozenset[Cut]]:
    """Return each cut by itself, every two of them, all of them, and none."""
    usable = [cut for cut in CUTS if of == "offers" or cut not in OF_OFFERS]
    pairs = [frozenset(pair) for size in (0, 1, 2) for pair in combinations(usable, size)]
    return [*pairs, frozenset(usable)]


def in_order(lines: Iterable[Line], by: Iterable[str]) -> list[Line]:
    return sorted(lines, key=lambda line: [str(line[name]) for name in by])


def plain(line: Line) -> Line:
    """Return the line without what follows from its counts."""
    hops = {name: value for name, value in line["hops"].items() if name != "offers"}
    return {name: value for name, value in line.items() if name != "rates"} | {"hops": hops}


def instants(log: Sequence[Raw]) -> list[datetime]:
    """Return three instants between the first record and the last, and the last."""
    times = sorted(each.timestamp for each in log)
    places = (len(times) // 4, len(times) // 2, 4 * len(times) // 5)
    return [datetime.fromtimestamp(times[place] / 1000, UTC) for place in places] + [
        datetime.fromtimestamp(times[-1] / 1000, UTC)
    ]


@pytest.mark.parametrize("which", range(4))
async def test_every_cut_is_what_the_raw_log_says(held: Tables, log: list[Raw], which: int) -> None:
    at = instants(log)[which]
    question = replace(EVERYTHING, as_of=None if which == 3 else at)
    compared = 0
    async with held.reader.acquire() as connection:
        oracle = LoopOracle(connection)
        await oracle.look(at, question.maturity_days)
        for of in ("needs", "offers"):
            for cuts in cuts_of(of):
                found = await asked(held, replace(question, of=of, cuts=cuts))
                assert found.moment is not None
                assert found.moment.at == at
                by = [cut for cut in CUTS if cut in cuts]
                wanted = await oracle.count(of, by)
                assert in_order(map(plain, found.figures), by) == in_order(wanted, by), (of, by)
                compared += len(wanted)
        by_everything = replace(question, cuts=frozenset(("month", "sender", "need", "area")))
        found = await asked(held, by_everything)
        keys = ("month", "sender", "need", "recipient", "service", "area", "reason")
        assert in_order(found.declines, keys) == in_order(await oracle.declined(), keys)
        assert in_order(found.outside, ("month", "sender", "need", "area")) == in_order(
            await oracle.outside(), ("month", "sender", "need", "area")
        )
    assert compared > 200
    if which == 3:
        assert all(any(each[name] for each in found.figures) for name in COUNTS)
        assert len(found.declines) > 50
        assert len(found.outside) > 20


@pytest.mark.parametrize("of", ["needs", "offers"])
async def test_a_cohort_is_what_is_asked_for_and_no_more_is_read(held: Tables, log: list[Raw], of: Of) -> None:
    march = date(2027, 3, 1)
    whole = await asked(held, replace(EVERYTHING, of=of, cuts=frozenset(("month",))))
    async with held.reader.acquire() as connection:
        stored = await connection.fetchval("select count(*) from loop")
    before = await _read(held)
    one = await asked(held, replace(EVERYTHING, of=of, cuts=frozenset(("month",)), first=march, last=march))
    assert one.figures == tuple(each for each in whole.figures if each["month"] == march)
    assert {each["month"] for each in one.declines} == {march}
    assert 0 < await _read(held) - before < stored


async def _read(held: Tables) -> int:
    """Return how many rows were read so far."""
    async with held.reader.acquire() as connection:
        await connection.execute("select pg_stat_force_next_flush()")
        query = """select seq_tup_read + idx_tup_fetch from pg_stat_user_tables
        where schemaname = $1 and relname = 'loop'"""
        found: int = await connection.fetchval(query, held.schema)
        return found


async def test_the_events_behind_each_figure_are_as_many_as_it_counts(held: Tables) -> None:
    for of in ("offers", "needs"):
        question = replace(EVERYTHING, of=of)
        (line,) = (await asked(held, question)).figures
        line |= {counted: line["seconds"][name]["count"] for name, counted in SPANS.items()}
        for figure in MARKS:
            if figure == "declined":
                continue
            unit = "offer" if of == "offers" else "referral"
            found = await listed(held, question, figure)
            assert len({each[unit] for each in found if each["mark"] != "erased"}) == line[figure], (of, figure)
            assert {each["mark"] for each in found} <= {*MARKS[figure], "erased"}


async def listed(held: Tables, question: Question, figure: Figure, limit: int = max(700, EVENTS // 10)) -> list[Line]:
    """Return all events behind the figure, page by page."""
    found: list[Line] = []
    after = None
    while True:
        async with looking(held) as connection:
            page = await behind(connection, question, figure, after, limit)
        found += page.events
        after = page.next
        if after is None:
            assert len({(each["partition"], each["record_offset"], each["number"]) for each in found}) == len(found)
            return found
        assert len(page.events) == limit


async def test_what_was_heard_or_answered_is_nowhere_counted_as_served(held: Tables) -> None:
    (line,) = (await asked(held, replace(EVERYTHING, of="offers"))).figures
    served = await listed(held, replace(EVERYTHING, of="offers"), "served")
    assert len(served) == line["served"]
    assert {each["value"] for each in served} == {"served", "partly-served"}
    assert line["sent"] == line["disposed"] + line["unknown"] + line["pending"]
    assert line["disposed"] == line["closed"] + line["heard"]


async def test_a_partner_s_own_are_those_it_sent_or_was_offered(held: Tables) -> None:
    by_all: frozenset[Cut] = frozenset(("sender", "recipient"))
    whole = (await asked(held, replace(EVERYTHING, of="offers", cuts=by_all))).figures
    scope = Scope(INITIATIVE, own="shelter", hidden=None)
    own = (await asked(held, replace(EVERYTHING, of="offers", cuts=by_all, scope=scope))).figures
    assert own == tuple(each for each in whole if each["recipient"] == "shelter")
    sent = Scope(INITIATIVE, own="clinic", hidden=None)
    needs = (await asked(held, replace(EVERYTHING, cuts=frozenset(("sender",)), scope=sent))).figures
    assert [each["sender"] for each in needs] == ["clinic"]
    assert (await asked(held, replace(EVERYTHING, scope=scope))).figures == ()
    assert {each["sender"] for each in (await asked(held, replace(EVERYTHING, scope=sent))).outside} == {None}
    for each in await listed(held, replace(EVERYTHING, of="offers", scope=scope), "closed"):
        assert each["source"].rpartition(":")[2] != PROTECTED


async def test_a_list_tells_no_need_that_is_not_shown_any_more(held: Tables) -> None:
    """To a recipient, whose consent may have ended, and of a person who was erased."""
    by_need: dict[Cut, str] = {"need": "food"}
    recipient = replace(EVERYTHING, of="offers", scope=Scope(INITIATIVE, own="shelter", hidden=None))
    assert await listed(held, recipient, "sent")
    assert await listed(held, replace(recipient, only=by_need), "sent") == []
    (line,) = (await asked(held, replace(EVERYTHING, only=by_need))).figures
    found = {each["record"] for each in await listed(held, replace(EVERYTHING, only=by_need), "sent")}
    async with held.reader.acquire() as connection:
        erased = await connection.fetch("select record::text from loop where mark = 'erased'")
    assert erased
    assert not found & {row["record"] for row in erased}
    assert 0 < len(found) < line["sent"]


async def test_protected_loops_are_counted_without_a_name_and_listed_to_nobody(held: Tables) -> None:
    cuts: frozenset[Cut] = frozenset(("recipient", "need", "service", "programme_class", "area"))
    open_ = replace(EVERYTHING, of="offers", cuts=cuts)
    hiding = replace(open_, scope=Scope(INITIATIVE, hidden=frozenset({PROTECTED})))
    named, masked = (await asked(held, open_)).figures, (await asked(held, hiding)).figures
    assert sum(each["sent"] for each in named) == sum(each["sent"] for each in masked)
    protected = [each for each in masked if each["recipient"] == "protected-partner"]
    assert [{each["need"], each["service"], each["programme_class"], each["area"]} for each in protected] == [
        {"protected-need", "protected"}
    ]
    assert sum(each["sent"] for each in protected) == sum(
        each["sent"] for each in named if each["recipient"] == PROTECTED
    )
    assert PROTECTED not in repr(await asked(held, hiding))
    assert (await asked(held, replace(hiding, only={"recipient": PROTECTED}))).figures == ()
    shown = {each["offer"] for each in await listed(held, hiding, "sent")}
    secret = {each["offer"] for each in await listed(held, replace(open_, only={"recipient": PROTECTED}), "sent")}
    assert secret
    assert not shown & secret


async def test_needs_are_not_cut_by_what_belongs_to_an_offer() -> None:
    for cut in OF_OFFERS:
        with pytest.raises(CannotBeCut):
            replace(EVERYTHING, cuts=frozenset((cut,)))
        with pytest.raises(CannotBeCut):
            replace(EVERYTHING, only={cut: "x"})
