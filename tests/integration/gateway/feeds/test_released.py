"""What a feed's view could not take and an operator released later reaches every reader once, wherever it stands."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from itertools import count

import httpx
import pytest

from events.referral import OfferSent
from projections.brief import BriefTimeline
from projections.communication import COMMUNICATION
from projections.communication.feed import Feed
from projections.communication.projection import CommunicationProjection
from projections.projection import Entry, Row
from projections.store.pool import Connection
from projections.store.times import quick_times
from services.gateway.parts import Parts
from services.ops import resolving
from services.ops.resolving import Wish
from services.ops.stock import named
from services.ops.switching import switch
from services.runtime.builds import schema_of
from services.runtime.roles import Role
from services.runtime.store import Pool, connect
from tests.integration.gateway.feeds.telling import refer, whole, wrong
from tests.support import doors, people, reading
from tests.support.admitting import SHELTER
from tests.support.events import ident
from tests.support.following import Reader, door, follow
from tests.support.wait import until

FEED = "/v1/feed"
PERSON = ident("operator")


class Failing(Feed):
    """A feed's view that cannot take an offer as long as it is broken."""

    broken = False

    def rows(self, entry: Entry) -> Iterable[Row]:
        if self.broken and type(entry.event) is OfferSent:
            raise LookupError
        return super().rows(entry)


class Fragile(CommunicationProjection):
    """Feeds with such a view."""

    def __init__(self) -> None:
        super().__init__()
        self.feed = Failing()
        self.views = (BriefTimeline(), self.feed)


@dataclass
class Place:
    """Feeds that are folded, and the hand that breaks and mends their view."""

    parts: Parts
    projection: Fragile

    async def told(self, *names: str) -> None:
        """Have offers told, and wait until they are."""
        before = len(await whole(self.parts.keep))
        await refer(self.parts, *names)

        async def there() -> bool:
            return len(await whole(self.parts.keep)) == before + len(names)

        await until(there)

    async def parked(self, *names: str) -> None:
        """Have offers parked, and wait until they are."""
        before = await self._waiting()
        self.projection.feed.broken = True
        await refer(self.parts, *names)

        async def there() -> bool:
            return await self._waiting() == before + len(names)

        await until(there)
        self.projection.feed.broken = False

    async def overtaken(self) -> None:
        """Have offers told, one by one, until each that is parked has one behind it in its partition."""
        told = count()
        while await self._ahead():
            await self.told(f"later {next(told)}")

    async def _ahead(self) -> int:
        schema = schema_of(COMMUNICATION, "a")
        query = f"""
            select count(*) from {schema}.parked p
            where p.view = 'feed' and not exists (
                select from {schema}.feed f
                where f.partner = $1 and (f.initiative, f.partition) = (p.initiative, p.partition)
                and f.record_offset > p.record_offset
            )
        """  # noqa: S608
        return int((await people.rows(self.parts.settings, query, SHELTER))[0][0])

    async def _waiting(self, build: str = "a") -> int:
        query = f"select count(*) from {schema_of(COMMUNICATION, build)}.parked where view = 'feed'"  # noqa: S608
        return int((await people.rows(self.parts.settings, query))[0][0])

    async def released(self, build: str = "a") -> int:
        """Offer what waits to the mended view; return how many entries it took."""
        async with self.operator() as pool:
            schema = schema_of(COMMUNICATION, build)
            done = await resolving.retry(self.parts.settings, pool, COMMUNICATION, schema, Wish("feed", None, PERSON))
        assert {each.left for each in done} == {0}
        return sum(each.entries for each in done)

    async def switched(self, build: str) -> None:
        async with self.operator() as pool:
            await switch(pool, COMMUNICATION, named(COMMUNICATION, build), 20)

    @asynccontextmanager
    async def operator(self) -> AsyncIterator[Pool]:
        uri = self.parts.settings.postgres
        async with await connect(uri, application="test", role=Role.OPERATOR, init=quick_times, size=2) as pool:
            yield pool


@pytest.fixture
async def place(parts: Parts) -> AsyncIterator[Place]:
    await reading.prepared(parts)
    projection = Fragile()
    async with doors.folding(parts.settings, projection):
        yield Place(parts, projection)


@asynccontextmanager
async def beside(place: Place, build: str = "b") -> AsyncIterator[None]:
    """Fold another build by a view that never failed."""
    async with doors.folding(replace(place.parts.settings, build=build), COMMUNICATION):
        yield


async def following(client: httpx.AsyncClient, cursor: str, limit: int = 1) -> tuple[list[str], str]:
    """Return the events that follow a cursor, page by page, and where that ends."""
    found: list[str] = []
    while True:
        page = (await client.get(FEED, params={"after": cursor, "limit": limit})).json()
        found += [each["event"] for each in page["entries"]]
        cursor = page["cursor"]
        if page["next"] is None:
            return found, cursor


async def at_the_end(client: httpx.AsyncClient) -> str:
    return str((await client.get(FEED)).json()["cursor"])


async def back(client: httpx.AsyncClient) -> list[str]:
    """Return the events of the whole feed, the newest first, page by page."""
    found: list[str] = []
    address: str | None = f"{FEED}?limit=1"
    while address is not None:
        page = (await client.get(address)).json()
        found += [each["event"] for each in page["entries"]]
        address = page["next"]
    return found


@asynccontextmanager
async def along(client: httpx.AsyncClient, reader: Reader) -> AsyncIterator[None]:
    """Have the reader read live while the block runs."""
    task = asyncio.create_task(follow(client, reader))
    try:
        await until(lambda: task.done() or reader.last)
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_reader_past_its_place_is_told_once_by_pages(place: Place, shelter: httpx.AsyncClient) -> None:
    await check_past_reader(place, shelter)


async def test_release_without_a_new_place_is_found_out(
    place: Place, shelter: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nowhere(connection: Connection, *said: object) -> None:
        """Give what was released no place."""

    monkeypatch.setattr(resolving, "released", nowhere)
    with pytest.raises(AssertionError):
        await check_past_reader(place, shelter)


async def check_past_reader(place: Place, shelter: httpx.AsyncClient) -> None:
    """Hold that readers before, at and past the place of what waits are each told everything once."""
    begin = await at_the_end(shelter)
    await place.told("a")
    between = await at_the_end(shelter)
    await place.parked("b", "c")
    await place.overtaken()
    end = await at_the_end(shelter)
    seen = {begin: [], between: await back(shelter), end: await back(shelter)}
    seen[between] = seen[between][-1:]
    assert (await following(shelter, end))[0] == []
    assert await place.released() == 2
    await place.told("f")
    expected = await whole(place.parts.keep)
    assert len(expected) >= 5
    for cursor, before in seen.items():
        later, new = await following(shelter, cursor)
        assert wrong([*before, *later], expected) == []
        assert (await following(shelter, new))[0] == []
    assert wrong(await back(shelter), expected) == []


async def test_whoever_pages_back_meanwhile_is_told_once_in_all(place: Place, shelter: httpx.AsyncClient) -> None:
    await place.parked("a")
    await place.told("b", "c")
    first = (await shelter.get(FEED, params={"limit": 1})).json()
    await place.released()
    seen, address = [each["event"] for each in first["entries"]], first["next"]
    while address is not None:
        page = (await shelter.get(address)).json()
        seen += [each["event"] for each in page["entries"]]
        address = page["next"]
    later, _ = await following(shelter, first["cursor"])
    assert wrong([*seen, *later], await whole(place.parts.keep)) == []
    assert len(later) == 1


async def test_live_reader_is_told_once_and_goes_on(place: Place) -> None:
    await place.parked("a")
    await place.told("b")
    began = await whole(place.parts.keep)
    reader, bearer = Reader(), await doors.token(place.parts, SHELTER)
    async with doors.listening(place.parts.settings) as port, door(port, bearer) as client:
        async with along(client, reader):
            await place.told("c")
            await until(lambda: len(reader.entries) == 1)
            await place.released()
            await until(lambda: len(reader.entries) == 2)
        await place.told("d")
        async with along(client, reader):
            await until(lambda: len(reader.entries) == 3)
            await place.told("e")
            await until(lambda: len(reader.entries) == 4)
    assert sorted({*reader.events, *began}) == sorted(await whole(place.parts.keep))
    assert len(set(reader.events)) == 4


async def test_build_that_never_parked_it_has_the_same_rows_and_places(
    place: Place, shelter: httpx.AsyncClient
) -> None:
    await place.parked("a")
    await place.told("b")
    past = await at_the_end(shelter)
    await place.released()
    later, end = await following(shelter, past)
    async with beside(place):
        await place.switched("b")
        assert await following(shelter, past) == (later, end)
        assert (await following(shelter, end))[0] == []
        assert len(later) == 1
        query = "select f::text from {schema}.feed f order by 1"
        rows = [
            await people.rows(place.parts.settings, query.format(schema=schema_of(COMMUNICATION, build)))
            for build in "ab"
        ]
        assert rows[0] == rows[1]


async def test_build_that_has_what_the_served_one_parked_brings_it(place: Place, shelter: httpx.AsyncClient) -> None:
    await place.parked("a")
    await place.told("b")
    past = await at_the_end(shelter)
    async with beside(place):
        await place.switched("b")
        later, end = await following(shelter, past)
        assert len(later) == 1
        assert (await following(shelter, end))[0] == []
        assert await place.released() == 1, "in a build that nobody reads any more"
        assert (await following(shelter, end))[0] == []
        assert wrong(await back(shelter), await whole(place.parts.keep)) == []
