"""What ended long ago is forgotten; what is in force, what ended lately, and what an audit asks for is not."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from services.gateway.people.tidying import KINDS, tidied
from services.gateway.store import Keep
from services.runtime.roles import Role
from services.runtime.settings import Settings
from services.runtime.store import Pool, connect, upgrade
from tests.support import doors, people
from tests.support.wait import until

ADA, BO = people.ADA, people.BO
#: Of each kind: rows that are to stay, and rows that are to go, by what SQL says of the time since they ended.
SINCE = {
    "link": ("1 day", "(sha256, browser, expires)", "({hash}, {hash}, {over})"),
    "handshake": ("1 day", "(sha256, browser, nonce, verifier, expires)", "({hash}, {hash}, 'n', 'v', {over})"),
    "ticket": (
        "1 day",
        "(sha256, kind, initiative, partner, scopes, credential, expires)",
        "({hash}, 'staff', 'riverbend', 'clinic', '{{}}', 'token:a', {over})",
    ),
    "session": ("90 days", "(sha256, person, expires)", f"({{hash}}, '{ADA}', {{over}})"),
    "approval": (
        "90 days",
        "(initiative, partner, person, asked_by, expires)",
        f"('riverbend', 'clinic', '{ADA}', '{BO}', {{over}})",
    ),
    "token": (
        "3 years",
        "(prefix, sha256, initiative, partner, scopes, expires)",
        "(translate(left(md5(random()::text), 8), '0123456789', 'ghijklmnop'), {hash}, "
        "'riverbend', 'clinic', '{{x}}', {over})",
    ),
    "given_link": (
        "3 years",
        "(sha256, kind, initiative, record, email, ends)",
        "({hash}, 'client', 'riverbend', gen_random_uuid(), 'a@b.example', {over})",
    ),
    # Of a link that stays: with one that goes its sessions go.
    "link_session": (
        "90 days",
        "(sha256, link, expires)",
        "({hash}, (select link from keep.given_link where ends > now() limit 1), {over})",
    ),
    "outbox": (
        "90 days",
        "(initiative, partner, kind, event, referral, offer, protected, sent)",
        "('riverbend', 'clinic', 'offer-arrived', gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), false,"
        " {over})",
    ),
    "client_link": (
        "90 days",
        "(initiative, client, other, link, partner, expires)",
        "('riverbend', gen_random_uuid(), gen_random_uuid(), true, 'clinic', {over})",
    ),
}
HASH = "sha256(random()::text::bytea)"


@pytest.fixture
async def pool(database: str, tmp_path: Path) -> AsyncIterator[Pool]:
    """The operator's connections to a database in which a person may sign in."""
    await upgrade(database)
    await people.add(Settings(tmp_path, "", database), person=ADA)
    async with await connect(database, application="test", role=Role.OPERATOR, size=2) as opened:
        yield opened


async def add(pool: Pool, kind: str, over: str, count: int = 1) -> None:
    """Add rows that end at this time."""
    _, columns, values = SINCE[kind]
    row = values.format(hash=HASH, over=over)
    for _ in range(count):
        await pool.execute(f"insert into keep.{kind} {columns} values {row}")  # noqa: S608


async def counted(pool: Pool) -> dict[str, int]:
    return {kind: await pool.fetchval(f"select count(*) from keep.{kind}") for kind in KINDS}  # noqa: S608


async def test_what_ended_long_ago_goes_and_nothing_else(pool: Pool) -> None:
    for kind, (since, *_) in SINCE.items():
        await add(pool, kind, f"now() - interval '{since}' - interval '1 minute'", 5)
        await add(pool, kind, f"now() - interval '{since}' + interval '1 minute'", 2)
        await add(pool, kind, "now() + interval '1 hour'")
    assert await tidied(Keep(pool), most=2) == dict.fromkeys(KINDS, 5)
    assert await counted(pool) == dict.fromkeys(KINDS, 3)
    assert await tidied(Keep(pool)) == dict.fromkeys(KINDS, 0)


async def test_session_that_was_ended_counts_from_then_and_one_in_force_stays(pool: Pool) -> None:
    await add(pool, "session", "now() + interval '1 hour'", 2)
    await pool.execute(
        "update keep.session set ended = now() - interval '91 days' where session = (select min(session::text)::uuid"
        " from keep.session)"
    )
    assert (await tidied(Keep(pool)))["session"] == 1
    assert (await counted(pool))["session"] == 1


async def test_request_that_was_decided_stays_for_good(pool: Pool) -> None:
    await add(pool, "approval", "now() - interval '10 years'", 3)
    decide = "decided_by = $1, decided_at = now() - interval '10 years', approved = $2"
    for approved in (True, False):
        await pool.execute(
            f"update keep.approval set {decide} where approval in"  # noqa: S608
            " (select approval from keep.approval where approved is null limit 1)",
            people.ADA,
            approved,
        )
    assert (await tidied(Keep(pool)))["approval"] == 1
    assert await pool.fetchval("select count(*) from keep.approval where approved is not null") == 2


async def test_mail_goes_with_its_attempts_and_one_that_waits_stays(pool: Pool) -> None:
    await add(pool, "outbox", "now() - interval '91 days'", 3)
    for attempt in (1, 2):
        await pool.execute("insert into keep.delivery (mail, attempt) select mail, $1 from keep.outbox", attempt)
    await pool.execute(
        "update keep.outbox set sent = null where mail = (select min(mail::text)::uuid from keep.outbox)"
    )
    assert (await tidied(Keep(pool), most=1))["outbox"] == 2
    assert (await counted(pool))["outbox"] == 1
    assert await pool.fetchval("select count(*) from keep.delivery") == 2


async def test_who_decided_on_linking_stays_for_good(pool: Pool) -> None:
    await add(pool, "client_link", "now() - interval '10 years'", 3)
    row = "request = (select min(request::text)::uuid from keep.client_link where second_by is null)"
    await pool.execute(
        f"update keep.client_link set first_by = $1, second_by = $2, approved_at = now() where {row}",  # noqa: S608
        people.ADA,
        people.BO,
    )
    await pool.execute(f"update keep.client_link set refused_by = $1, refused_at = now() where {row}", people.ADA)  # noqa: S608
    assert (await tidied(Keep(pool)))["client_link"] == 1


async def test_token_in_force_outlives_the_one_in_whose_place_it_came(pool: Pool) -> None:
    await add(pool, "token", "now() - interval '4 years'")
    before = await pool.fetchval("select prefix from keep.token")
    await add(pool, "token", "now() + interval '1 hour'")
    await pool.execute("update keep.token set replaces = $1 where prefix <> $1", before)
    assert (await tidied(Keep(pool)))["token"] == 1
    [left] = await pool.fetch("select replaces, expires > now() as valid from keep.token")
    assert (left["replaces"], left["valid"]) == (None, True)


async def test_gateway_forgets_what_ended_and_can_delete_nothing_by_itself(database: str, pool: Pool) -> None:
    for kind, (since, *_) in SINCE.items():
        await add(pool, kind, f"now() - interval '{since}' - interval '1 minute'")
        await add(pool, kind, "now() + interval '1 hour'")
    async with await connect(database, application="test", role=Role.GATEWAY, size=1) as gateway:
        for kind in ("session", "token", "approval", "act", "person", "given_link", "outbox", "client_link"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await gateway.execute(f"delete from keep.{kind}")  # noqa: S608
        assert await tidied(Keep(gateway)) == dict.fromkeys(KINDS, 1)
    for role in (Role.ADMISSION, Role.PROCESSOR):
        async with await connect(database, application="test", role=role, size=1) as other:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await tidied(Keep(other))


async def test_two_at_once_do_not_wait_for_each_other(pool: Pool) -> None:
    await add(pool, "session", "now() - interval '1 year'")
    async with pool.acquire() as first, first.transaction():
        assert await first.fetchval("select keep.tidy('session', 10)") == 1
        assert (await tidied(Keep(pool)))["session"] == 0


async def test_running_gateway_tidies(settings: Settings) -> None:
    await people.add(settings)
    async with await connect(settings.postgres, application="test", role=Role.OPERATOR, size=2) as pool:
        await add(pool, "session", "now() - interval '1 year'", 3)
        await add(pool, "session", "now() + interval '1 hour'")
        async with doors.listening(settings):

            async def gone() -> bool:
                return (await counted(pool))["session"] == 1

            await until(gone)
