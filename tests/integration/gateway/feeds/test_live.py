"""A feed read live from a gateway on a socket: resumed, limited, and ended with the right to read it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import httpx
import pytest

from services.gateway.parts import Parts
from services.gateway.principal import Kind, Principal
from services.notifications.feed import Whose
from tests.support import doors, people, reading
from tests.support.admitting import CLINIC, SHELTER, said
from tests.support.events import INITIATIVE
from tests.support.following import LIVE, Reader, door, follow
from tests.support.wait import until


@pytest.fixture
async def port(fed: Parts) -> AsyncIterator[int]:
    settings = replace(fed.settings, feed_recheck=1.0, feed_heartbeat=1.0, feed_streams=3)
    async with doors.listening(settings) as found:
        yield found


@asynccontextmanager
async def reading_along(client: httpx.AsyncClient, reader: Reader, **params: str) -> AsyncIterator["asyncio.Task[int]"]:
    """Have the reader read while the block runs."""
    task = asyncio.create_task(follow(client, reader, **params))
    try:
        await until(lambda: task.done() or reader.last)
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def shelter_at(parts: Parts, port: int) -> AsyncIterator[tuple[httpx.AsyncClient, str]]:
    bearer = await doors.token(parts, SHELTER)
    async with door(port, bearer) as client:
        yield client, bearer


async def refer(parts: Parts, *names: str) -> None:
    """Have the clinic refer people of these names to the shelter."""
    async with doors.partner(parts, CLINIC) as clinic:
        for name in names:
            await reading.agreed(clinic, name)
            await reading.referred(clinic, name)


async def whole(client: httpx.AsyncClient) -> list[str]:
    """Return the events of the whole feed, oldest first."""
    return [each["event"] for each in (await client.get("/v1/feed", params={"limit": 200})).json()["entries"]][::-1]


async def test_entries_come_as_they_are_folded_and_beats_between(fed: Parts, port: int) -> None:
    reader = Reader()
    async with shelter_at(fed, port) as (client, _), reading_along(client, reader):
        await refer(fed, "a", "b")
        await until(lambda: len(reader.entries) == 2)
        assert reader.events == (await whole(client))[1:]
        assert reader.retry
        await until(lambda: reader.beats)


async def test_reader_that_comes_back_gets_the_rest_once(fed: Parts, port: int) -> None:
    reader = Reader()
    async with shelter_at(fed, port) as (client, _):
        async with reading_along(client, reader):
            await refer(fed, "a")
            await until(lambda: reader.entries)
        await refer(fed, "b", "c")
        async with reading_along(client, reader):
            await until(lambda: len(reader.entries) == 3)
            await refer(fed, "d")
            await until(lambda: len(reader.entries) == 4)
        assert reader.events == (await whole(client))[1:]


async def test_cursor_of_a_page_begins_a_stream(fed: Parts, port: int) -> None:
    reader = Reader()
    async with shelter_at(fed, port) as (client, _):
        await until(lambda: whole(client))
        cursor = (await client.get("/v1/feed")).json()["cursor"]
        await refer(fed, "a")
        async with reading_along(client, reader, after=cursor):
            await until(lambda: reader.entries)
        assert reader.events == (await whole(client))[1:]


async def test_token_that_is_taken_back_ends_its_stream(fed: Parts, port: int) -> None:
    reader = Reader()
    async with shelter_at(fed, port) as (client, bearer), reading_along(client, reader) as task:
        await fed.tokens.revoke(bearer.split("_")[1])
        assert await asyncio.wait_for(task, 20) == 200
        assert reader.ended == "unauthenticated"
        assert (await client.get(LIVE)).status_code == 401


async def test_partner_that_takes_no_part_any_more_reads_no_further(fed: Parts) -> None:
    """The next change among partners ends it: the next look at rights would be much later."""
    bearer = await doors.token(fed, SHELTER)
    who = Principal(
        Kind.PARTNER_SYSTEM, INITIATIVE, SHELTER, None, frozenset({"feed.read"}), f"token:{bearer.split('_')[1]}"
    )
    stream = await fed.live.open(who, Whose(INITIATIVE, SHELTER), None)
    try:
        assert stream.over is None
        with people.suspended(fed, SHELTER):
            row = said("partner.profile_changed", "p", {"name": "The clinic"}, subject=CLINIC)
            async with doors.partner(fed, CLINIC) as clinic:
                assert (await clinic.post("/v1/events", content=row, headers=reading.JSON)).is_success
            await until(lambda: stream.over)
        assert stream.over == "unauthenticated"
    finally:
        fed.live.leave(stream)


async def test_credential_has_so_many_streams_and_others_have_theirs(fed: Parts, port: int) -> None:
    first, second, third, other, fourth = (Reader() for _ in range(5))
    async with (
        shelter_at(fed, port) as (client, _),
        reading_along(client, first),
        reading_along(client, second),
    ):
        async with reading_along(client, third), shelter_at(fed, port) as (another, _):
            answer = await client.get(LIVE)
            assert (answer.status_code, answer.json()["code"]) == (429, "too-many-streams")
            async with reading_along(another, other) as task:
                assert not task.done()

        async def let_in() -> bool:
            async with reading_along(client, fourth) as task:
                return not task.done()

        await until(let_in)


async def test_ticket_opens_a_stream_once(fed: Parts, port: int) -> None:
    async with shelter_at(fed, port) as (client, bearer), door(port) as browser:
        given = await client.post("/v1/feed/tickets")
        assert given.status_code == 201
        ticket, reader = given.json()["ticket"], Reader()
        assert (await browser.get("/v1/feed", params={"ticket": ticket})).status_code in (401, 422)
        async with reading_along(browser, reader, ticket=ticket) as task:
            assert await follow(browser, Reader(), ticket=ticket) == 401
            await fed.tokens.revoke(bearer.split("_")[1])
            await asyncio.wait_for(task, 20)
            assert reader.ended == "unauthenticated"


async def test_nothing_of_a_ticket_is_kept_and_it_grows_old(fed: Parts, port: int) -> None:
    async with shelter_at(fed, port) as (client, _), door(port) as browser:
        ticket = (await client.post("/v1/feed/tickets")).json()["ticket"]
        kept = await people.rows(fed.settings, "select t::text from keep.ticket t")
        assert len(kept) == 1
        assert ticket not in kept[0][0]
        await people.rows(fed.settings, "update keep.ticket set expires = now() returning 1")
        assert await follow(browser, Reader(), ticket=ticket) == 401


async def test_gateway_that_ends_says_so_and_another_goes_on(fed: Parts) -> None:
    reader = Reader()
    bearer = await doors.token(fed, SHELTER)
    async with doors.listening(fed.settings) as first:
        client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{first}", headers={"Authorization": f"Bearer {bearer}"})
        task = asyncio.create_task(follow(client, reader))
        await until(lambda: reader.last)
    assert await asyncio.wait_for(task, 20) == 200
    assert reader.ended == "stopping"
    await client.aclose()
    await refer(fed, "a")
    async with doors.listening(fed.settings) as second, door(second, bearer) as again, reading_along(again, reader):
        await until(lambda: reader.entries)
        assert reader.events == (await whole(again))[1:]


async def test_nobody_without_the_right_reads(fed: Parts, port: int) -> None:
    async with door(port) as nobody:
        assert (await nobody.get(LIVE)).status_code == 401
    async with door(port, await doors.token(fed, SHELTER, scopes=["event.post"])) as narrow:
        assert (await narrow.get(LIVE)).status_code == 403
