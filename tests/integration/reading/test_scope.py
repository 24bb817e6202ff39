"""The gateway's role reads figures and feeds through the served views, one initiative at a time."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from projections.communication import COMMUNICATION
from projections.measurement import MEASUREMENT
from projections.projector import Projector
from projections.record import Partition
from projections.store import PostgresStore
from projections.store.pool import Pool
from services.measurement.figures import Span, referrals
from services.notifications.feed import Cursor, Whose, after, counts, newest
from services.runtime.builds import api_of, prepare
from services.runtime.moment import moment
from services.runtime.roles import Role
from services.runtime.store import connect, upgrade
from tests.support.events import CLIENT, Told, lines
from tests.support.places import anywhere

OPENING = ("client.registered", "consent.granted", "referral.requested", "referral.offer_sent")
CASES = Partition("manyhands.cases", 0)


@dataclass(frozen=True)
class Doors:
    """Connections as the gateway has them, by what they read."""

    feeds: Pool
    figures: Pool


@pytest.fixture
async def doors(database: str) -> AsyncIterator[Doors]:
    """Two initiatives' cases, folded and served."""
    await upgrade(database)
    events = [told(name) for told in (Told(), Told(initiative="elsewhere")) for name in OPENING]
    async with await connect(database, application="test", role=Role.PROCESSOR) as pool:
        for projection in (COMMUNICATION, MEASUREMENT):
            schema = await prepare(pool, projection, "a")
            projector = Projector(projection, PostgresStore(pool, projection, schema), anywhere(CASES))
            await projector.project(CASES, 0, lines(events))
    feeds, figures = api_of(COMMUNICATION.name), api_of(MEASUREMENT.name)
    async with (
        await connect(database, application="test", role=Role.GATEWAY, search_path=feeds) as one,
        await connect(database, application="test", role=Role.GATEWAY, search_path=figures) as other,
    ):
        yield Doors(one, other)


@pytest.mark.parametrize("initiative", ["riverbend", "elsewhere"])
async def test_each_initiative_is_read_alone(doors: Doors, initiative: str) -> None:
    whose = Whose(initiative, "shelter")
    page = await after(doors.feeds, whose, Cursor(), 10)
    assert [entry.kind for entry in page.entries] == ["offer-arrived"]
    assert (await newest(doors.feeds, whose, 10)).entries == page.entries
    assert await counts(doors.feeds, whose, Cursor()) == {"offer-arrived": 1}
    found = await referrals(doors.figures, initiative, Span())
    assert [(each.partner, each.sums and each.sums.sent) for each in found.figures] == [("clinic", 1), ("shelter", 0)]


async def test_rows_of_another_initiative_are_not_there_whatever_is_asked(doors: Doors) -> None:
    feeds, figures = "select array_agg(distinct initiative) from feed", "select min(initiative) from figure"
    loops = "select min(initiative) from loop"
    asked = ((doors.feeds, feeds, ["riverbend"]), (doors.figures, figures, "riverbend"))
    for pool, query, seen in (*asked, (doors.figures, loops, "riverbend")):
        async with moment(pool, "riverbend") as connection:
            assert await connection.fetchval(query) == seen
        async with pool.acquire() as connection:
            assert await connection.fetchval(query) is None


async def test_no_entry_holds_the_client(doors: Doors) -> None:
    page = await after(doors.feeds, Whose("riverbend", "shelter"), Cursor(), 10)
    assert CLIENT not in repr(page)
