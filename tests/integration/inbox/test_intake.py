"""What becomes of what partner systems write, whatever it is, and whatever happens to topic, session or process."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import orjson
import pytest
from aiokafka.errors import MessageSizeTooLargeError

from events import topics
from projections.batch import Fenced
from services.admission.app import Process
from services.admission.decision import Decision
from services.admission.inbox import Inbox, InboxStore, Moved, Taken
from services.admission.intake import Intake
from services.admission.problem import Problem
from services.admission.publish import Outgoing
from services.admission.reading import Reading
from services.admission.result import Result
from services.runtime import log
from services.runtime.roles import Role
from services.runtime.settings import Settings
from services.runtime.store import Pool, connect
from tests.integration.inbox.conftest import Deployment
from tests.support.admitting import CLINIC, SHELTER, requested, said
from tests.support.events import INITIATIVE, ident
from tests.support.partners import by_aiokafka, by_confluent
from tests.support.wait import until

#: Ends the session that holds the inboxes' locks.
HOLDERS = """
    select pg_terminate_backend(l.pid) from pg_locks l join pg_database d on d.oid = l.database
    where d.datname = current_database() and l.locktype = 'advisory' and l.objsubid = 2
"""


class Post:
    """Two partners' inboxes, and what became of what lies in them."""

    def __init__(self, settings: Settings, pool: Pool) -> None:
        self.settings = settings
        self.pool = pool
        self.store = InboxStore(pool)

    def topic(self, partner: str) -> str:
        return self.settings.topic(topics.inbox(partner))

    async def write(self, partner: str, *rows: bytes | None) -> list[int]:
        return await by_aiokafka(self.settings, self.topic(partner), rows)

    async def inbox(self, partner: str) -> Inbox:
        return next(each for each in await self.store.inboxes() if each.partner == partner)

    async def decided(self, partner: str, count: int, life: int = 0) -> list[dict[str, Any]]:
        """Wait for so many decisions, published where they were let in, and return them."""

        async def there() -> list[dict[str, Any]]:
            rows = [row for row in await self.store.page(partner, (life, -1), 1000) if row["life"] == life]
            return (
                rows if len(rows) >= count and all(row["code"] or row["log_offset"] is not None for row in rows) else []
            )

        return await until(there, 60)

    async def codes(self, partner: str, count: int) -> list[str | None]:
        return [row["code"] for row in await self.decided(partner, count)]

    @asynccontextmanager
    async def intake(self, kind: type[Process] = Process) -> AsyncIterator[Process]:
        """Run an intake while the block runs."""
        process = kind(self.settings)
        task = asyncio.create_task(process.run())
        try:
            await until(lambda: process.health().ready or task.done(), 60)
            yield process
        finally:
            process.stop()
            await asyncio.wait_for(task, 60)

    async def recreate(self, partner: str) -> None:
        """Delete a topic; it may be made anew afterwards."""
        async with log.admin(self.settings) as client:
            await client.delete_topics([self.topic(partner)])

            async def gone() -> bool:
                return self.topic(partner) not in await client.list_topics()

            await until(gone)


@pytest.fixture
async def post(begun: Settings) -> AsyncIterator[Post]:
    await log.create_topics(begun, [topics.inbox(CLINIC), topics.inbox(SHELTER)])
    async with await connect(begun.postgres, application="test", role=Role.OPERATOR) as pool:
        made = Post(begun, pool)
        await made.store.make(INITIATIVE, [(each, made.topic(each)) for each in (CLINIC, SHELTER)])
        yield made


def letter(number: str, **more: Any) -> bytes:
    return said("client.registered", number, {}, client=f"own:{number}", **more)


async def test_every_record_is_decided_whatever_it_is(post: Post) -> None:
    rows = [
        (letter("1"), None),
        (b"", "not-json"),
        (None, "not-json"),
        (b"\xff\xfe", "not-json"),
        (b"[" * 5000, "too-deep"),
        (b"x" * 900_000, "too-large"),
        (letter("2", source=f"urn:manyhands:partner:{SHELTER}"), "foreign-source"),
        (letter("3", initiative="elsewhere"), "wrong-initiative"),
        (requested("4", "own:case", "own:1", details="Their door is at the back."), "unsealed"),
        (requested("5", "own:case", "own:1"), None),
        (said("initiative.closed", "6", {}), "unknown-type"),
        (letter("1"), None),
    ]
    async with post.intake():
        await post.write(CLINIC, *[row for row, _ in rows])
        assert await post.codes(CLINIC, len(rows)) == [code for _, code in rows]
    found = await post.decided(CLINIC, len(rows))
    assert (found[0]["event"], found[0]["alias"]) == (found[-1]["event"], found[-1]["alias"])
    assert (await post.inbox(CLINIC)).next_offset == len(rows)


async def test_an_event_of_the_initiative_counts_for_the_next_record(post: Post) -> None:
    beds = {"service_id": ident("cots"), "name": "Cots", "needs": ["shelter"], "accepts_referrals": True}
    capacity = {"service_id": ident("cots"), "status": "capacity"}
    async with post.intake():
        await post.write(
            SHELTER,
            said("partner.service_published", "cots", beds | {"programme_class": "general"}),
            said("partner.capacity_reported", "now", capacity),
        )
        assert await post.codes(SHELTER, 2) == [None, None]


async def test_what_unpacks_to_more_than_fits_never_gets_in(post: Post) -> None:
    bomb = b"0" * 1_500_000
    assert len(gzip.compress(bomb)) < 10_000
    with pytest.raises(MessageSizeTooLargeError):
        await by_aiokafka(post.settings, post.topic(CLINIC), [bomb], compression_type="gzip", max_request_size=2 << 20)


async def test_what_was_decided_before_a_crash_is_published_as_it_was(post: Post) -> None:
    inbox, key = await post.inbox(CLINIC), ident("somebody")
    value = orjson.dumps({"id": ident("kept"), "said": "as it was decided"})
    kept = Decision(
        Result(0, None, None, ident("kept")), ident("kept"), Outgoing(topics.CASES, key, value, b"s" * 16), None
    )
    away = Decision(Result(1, None, Problem("not-json")), None)
    now = datetime.now(UTC)
    [offset, _] = await post.write(CLINIC, b"{}", b"{}")
    await post.store.decide(inbox, Moved(None, 2, b"h" * 32), [Taken(0, offset, now, kept), Taken(0, 1, now, away)])
    async with post.intake() as process:
        [row, _] = await post.decided(CLINIC, 2)
        await until(lambda: any(each["code"] == "log-replaced" for each in process.health().stopped))
    spans = await log.spans(post.settings, [topics.CASES])
    found = [each async for _, records in log.read(post.settings, spans) for each in records if each.value == value]
    assert [(each.key, each.offset, each.headers) for each in found] == [
        (key.encode(), row["log_offset"], (("salt", b"s" * 16),))
    ]


async def test_a_stale_intake_changes_nothing(post: Post) -> None:
    inbox = await post.inbox(CLINIC)
    away = Decision(Result(0, None, Problem("not-json")), None)
    taken = [Taken(0, 0, datetime.now(UTC), away)]
    await post.store.decide(inbox, Moved(None, 1, b"h" * 32), taken)
    with pytest.raises(Fenced):
        await post.store.decide(inbox, Moved(None, 1, b"i" * 32), taken)
    assert (await post.inbox(CLINIC)).last_hash == b"h" * 32


async def test_one_reads_and_the_other_takes_over(post: Post) -> None:
    async with post.intake() as first, post.intake() as second:
        assert (first.health().partitions, second.health().partitions) == (2, 0)
        await post.write(CLINIC, letter("1"))
        await post.decided(CLINIC, 1)
        # Its session is gone, as that of a process that froze is after a while.
        owner = await asyncpg.connect(post.settings.postgres)
        ended = await owner.fetch(HOLDERS)
        await owner.close()
        assert len(ended) == 2
        await post.write(CLINIC, *[letter(str(number)) for number in range(2, 300)])
        assert await post.codes(CLINIC, 299) == [None] * 299
        await until(lambda: first.health().partitions + second.health().partitions == 2)


async def test_a_topic_made_anew_stops_its_inbox_until_somebody_says_so(post: Post) -> None:
    async with post.intake() as process:
        await post.write(CLINIC, *[letter(str(number)) for number in range(5)])
        await post.decided(CLINIC, 5)
        await post.recreate(CLINIC)
        await until(lambda: [each["code"] for each in process.health().stopped] == ["topic-missing"], 60)
        await log.create_topics(post.settings, [topics.inbox(CLINIC)])
        await post.write(CLINIC, *[letter(str(number)) for number in range(3, 12)])
        await until(lambda: {each["code"] for each in process.health().stopped} & {"log-cut", "log-replaced"}, 60)
        await post.write(SHELTER, letter("others go on"))
        await post.decided(SHELTER, 1)
        assert b"manyhands_inbox_stopped" in process.telemetry.text()
        assert await post.store.restart(CLINIC) == 1
        again = await post.decided(CLINIC, 9, life=1)
        assert {row["code"] for row in again} == {None}
        await until(lambda: process.health().stopped == ())
    before = await post.decided(CLINIC, 5)
    assert {row["event"] for row in before} & {row["event"] for row in again}


async def test_a_fault_of_ours_stops_one_inbox_alone(post: Post) -> None:
    class Faulty(Intake):
        async def _decide(self, reading: Reading, records: Any) -> list[Taken]:
            if reading.inbox.partner == CLINIC:
                raise ZeroDivisionError
            return await super()._decide(reading, records)

    class Broken(Process):
        intake = Faulty

    async with post.intake(Broken) as process:
        await post.write(CLINIC, letter("1"))
        await post.write(SHELTER, letter("2"))
        assert await post.codes(SHELTER, 1) == [None]
        await until(lambda: [each["code"] for each in process.health().stopped] == ["rule-failed"])
        assert process.health().ready


async def test_old_decisions_are_forgotten(post: Post) -> None:
    async with post.intake():
        await post.write(CLINIC, letter("1"), b"no")
        await post.decided(CLINIC, 2)
    await post.store.prune(datetime.now(UTC) - timedelta(days=1))
    assert len(await post.store.page(CLINIC, (0, -1), 10)) == 2
    await post.store.prune(datetime.now(UTC) + timedelta(days=1))
    assert await post.store.page(CLINIC, (0, -1), 10) == []


async def test_intake_waits_for_a_database_that_is_away(post: Post) -> None:
    away = Process(replace(post.settings, postgres="postgresql://nobody@127.0.0.1:9/none"))
    task = asyncio.create_task(away.run())
    away.stop()
    await asyncio.wait_for(task, 30)
    assert not away.health().ready


async def test_partner_systems_of_two_makes_speak_to_a_guarded_broker(guarded: Deployment) -> None:
    store, process = guarded.inboxes, Process(guarded.service("intake"))
    task = asyncio.create_task(process.run())
    try:
        clinic = await by_aiokafka(guarded.partner(CLINIC), guarded.inbox(CLINIC), [letter("a"), letter("b")])
        shelter = await by_confluent(guarded.partner(SHELTER), guarded.inbox(SHELTER), [letter("a"), b"no"])

        async def become(partner: str, offsets: list[int]) -> list[str | None]:
            rows = await store.page(partner, (0, offsets[0] - 1), len(offsets))
            done = [row for row in rows if row["code"] or row["log_offset"] is not None]
            return [row["code"] for row in done] if len(done) == len(offsets) else []

        assert await until(lambda: become(CLINIC, clinic), 60) == [None, None]
        assert await until(lambda: become(SHELTER, shelter), 60) == [None, "not-json"]
    finally:
        process.stop()
        await asyncio.wait_for(task, 60)
