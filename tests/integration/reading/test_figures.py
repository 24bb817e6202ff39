"""Figures read while they grow: every partition of one moment, added up."""

from collections.abc import AsyncIterator
from datetime import date

import pytest

from projections.measurement import MEASUREMENT
from services.measurement.figures import Figures, Reporter, Span, referrals
from tests.integration.reading.conftest import Tables, tables
from tests.oracle import counting
from tests.oracle.expected import Expected
from tests.unit.oracle.test_oracle import PARTITIONS, TOPIC, log

LOG = log(2, 1200)


@pytest.fixture
async def held(uri: str) -> AsyncIterator[Tables]:
    async with tables(uri, MEASUREMENT) as made:
        yield made


def expected(records: int = len(LOG)) -> dict[tuple[str, str], list[int]]:
    """Return the figures by partner and month, of all partitions together."""
    told = Expected(TOPIC, PARTITIONS)
    told.fold(LOG[:records])
    found: dict[tuple[str, str], list[int]] = {}
    for (_, partner, month, _), counts in counting.figures(told).items():
        sums = found.setdefault((partner, month), [0] * 6)
        found[partner, month] = [one + other for one, other in zip(sums, counts, strict=True)]
    return found


def read(figures: Figures) -> dict[tuple[str, str], list[int]]:
    sums = {(each.partner, str(each.month)): list(vars(each.sums).values()) for each in figures.figures if each.sums}
    return {place: counts for place, counts in sums.items() if any(counts)}


async def test_partitions_are_added_up(held: Tables) -> None:
    await held.fold(LOG, 50)
    found = await referrals(held.reader, "riverbend", Span())
    assert read(found) == expected()
    assert found.vector == {number: sum(each.partition == number for each in LOG) for number in range(PARTITIONS)}
    assert found.until is not None
    assert await held.reader.fetchval("select count(distinct partition) from figure") == PARTITIONS


async def test_figures_grow_with_the_log(held: Tables) -> None:
    for start, stop in ((0, 500), (500, 501), (501, 1200)):
        await held.fold(LOG[start:stop], 9)
        assert read(await referrals(held.reader, "riverbend", Span())) == expected(stop)


async def test_only_what_was_asked_for_is_read(held: Tables) -> None:
    await held.fold(LOG)
    november = date(2026, 11, 1)
    found = await referrals(held.reader, "riverbend", Span(november, november))
    assert {each.month for each in found.figures} == {november}
    assert read(found) == {place: counts for place, counts in expected().items() if place[1] == str(november)}
    assert (await referrals(held.reader, "elsewhere", Span())).figures == ()


async def test_a_partner_without_a_figure_has_zero_or_nobody_knows(held: Tables) -> None:
    await held.fold(LOG)
    november = date(2026, 11, 1)
    reporters = [Reporter("library", date(2026, 1, 7), True), Reporter("safe-house", date(2026, 1, 7), False)]
    found = await referrals(held.reader, "riverbend", Span(november, november), reporters)
    lines = {each.partner: each.sums for each in found.figures}
    assert lines["safe-house"] is None
    assert lines["library"] is not None
    assert not any(vars(lines["library"]).values())
    assert lines["clinic"] is not None
    assert lines["clinic"].sent > 0
