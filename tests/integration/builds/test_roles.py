"""What each role may touch, and what the gateway's sees of a read model."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import product
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from projections.initiative import INITIATIVE
from projections.projection import Projection
from projections.referral import REFERRAL
from projections.store import PostgresStore
from projections.store.pool import Pool
from services.runtime.builds import api_of, prepare
from services.runtime.roles import Role
from services.runtime.store import RoleDenied, connect, migrate, upgrade
from tests.contracts.parts import counted, mentioned, moved, parked, refusal, told
from tests.support.events import NOON
from tests.support.toy import TOY

As = Callable[[Role], AbstractAsyncContextManager[Pool]]
#: Of each table: what admission's role may do with it.
ADMISSION = {
    "secret": "select insert update",
    "client": "select insert update",
    "alias": "select insert",
    "data_key": "select insert",
    "match": "select insert",
    "register": "select insert update",
    "erasure": "",
    "hold": "",
    "act": "",
}
#: What whoever sends mails may do with these, beyond what any processor may; each of those may do nothing with them.
MAILING = {
    "address": "select",
    "released": "select",
    "given_link": "insert",
    "outbox": "select insert update",
    "delivery": "select insert update",
    "mailed": "select insert update",
    "register": "",
    "session": "",
    "link_session": "",
}
#: Of these it sees some columns alone.
COLUMNS = {"given_link": {"link"}, "register": {"initiative", "subject", "record"}}
#: What the gateway's may do with these; the processor's touches none of them.
GATEWAY = {"act": "insert"}
RIGHTS = ("select", "insert", "update", "delete", "truncate")
DENIED = [
    (Role.PROCESSOR, "select from keep.data_key"),
    (Role.PROCESSOR, "select from keep.alias"),
    (Role.PROCESSOR, "select from keep.client"),
    (Role.PROCESSOR, "select from keep.secret"),
    (Role.PROCESSOR, "select from keep.address"),
    (Role.PROCESSOR, "select link from keep.given_link"),
    (Role.PROCESSOR, "select from keep.outbox"),
    (Role.NOTIFICATIONS, "select email from keep.given_link"),
    (Role.NOTIFICATIONS, "select from keep.person"),
    (Role.NOTIFICATIONS, "select from keep.data_key"),
    # Nothing of what a partner calls its people can stand in a mail.
    (Role.NOTIFICATIONS, "select from keep.alias"),
    (Role.PROCESSOR, "update keep.active set build = 'b'"),
    (Role.GATEWAY, "select from keep.data_key"),
    (Role.GATEWAY, "select from keep.alias"),
    (Role.GATEWAY, "select from keep.act"),
    (Role.GATEWAY, "insert into keep.active values ('x', 1, 'a', 'rm_x_v1_a')"),
    (Role.GATEWAY, "delete from rm_toy_v1_a.client"),
    (Role.GATEWAY, "update rm_toy_v1_a.position set next_offset = 0"),
    (Role.GATEWAY, "create schema rm_mine"),
    (Role.GATEWAY, "create table api_toy.mine (id int4)"),
    (Role.ADMISSION, "select from rm_toy_v1_a.client"),
    (Role.ADMISSION, "select from api_toy.client"),
    (Role.ADMISSION, "delete from keep.alias"),
    (Role.ADMISSION, "update keep.alias set client = null"),
    (Role.ADMISSION, "update keep.data_key set wrapped = null"),
    (Role.ADMISSION, "insert into keep.act values (gen_random_uuid(), now(), gen_random_uuid(), null, 'x', null, 'x')"),
    (Role.OPERATOR, "drop table keep.data_key"),
]


@pytest.fixture
def taking(database: str, pool: Pool) -> As:
    """Give connections in a role, to a database with `keep`."""

    @asynccontextmanager
    async def taken(role: Role) -> AsyncIterator[Pool]:
        async with await connect(database, application="test", size=2, role=role) as opened:
            yield opened

    return taken


async def test_tables_of_keep_are_for_those_who_need_them(pool: Pool) -> None:
    asked = "select has_table_privilege($1, 'keep.' || $2, $3)"
    for table, allowed in ADMISSION.items():
        for right in RIGHTS:
            assert await pool.fetchval(asked, Role.ADMISSION, table, right) == (right in allowed.split()), (
                table,
                right,
            )
            assert not await pool.fetchval(asked, Role.PROCESSOR, table, right), (table, right)
            wanted = right in GATEWAY.get(table, "").split()
            assert await pool.fetchval(asked, Role.GATEWAY, table, right) == wanted, (table, right)


async def test_where_mails_go_is_for_whoever_sends_them_alone(pool: Pool) -> None:
    """Negative control: a right given to all processors is found out."""
    await check_mailing(pool)
    await pool.execute("grant select on keep.address to manyhands_processor")
    with pytest.raises(AssertionError):
        await check_mailing(pool)


async def check_mailing(pool: Pool) -> None:
    asked = "select has_table_privilege($1, 'keep.' || $2, $3)"
    for (table, allowed), right in product(MAILING.items(), RIGHTS):
        wanted = right in allowed.split()
        assert await pool.fetchval(asked, Role.NOTIFICATIONS, table, right) == wanted, (table, right)
        assert not await pool.fetchval(asked, Role.PROCESSOR, table, right), (table, right)
    columns = "select attname::text from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped"
    may = "select has_column_privilege($1, $2, $3, 'select')"
    for table, seen in COLUMNS.items():
        name = f"keep.{table}"
        named = {row["attname"] for row in await pool.fetch(columns, name)}
        for role, wanted_columns in ((Role.NOTIFICATIONS, seen), (Role.PROCESSOR, set())):
            found = {each for each in named if await pool.fetchval(may, role, name, each)}
            assert found == wanted_columns, (role, table)


async def test_operators_work_on_every_table_of_keep_later_ones_too(pool: Pool) -> None:
    await pool.execute("create table keep.later (id int4 primary key)")
    known = "select tablename from pg_tables where schemaname = 'keep' and tablename not in ('migration', 'parked_act')"
    tables = await pool.fetch(known)
    for row in tables:
        for right in ("select", "insert", "update", "delete"):
            asked = "select has_table_privilege($1, 'keep.' || $2, $3)"
            assert await pool.fetchval(asked, Role.OPERATOR, row["tablename"], right), row["tablename"]


@pytest.mark.parametrize(("role", "statement"), DENIED)
async def test_what_a_role_does_not_need_it_may_not(pool: Pool, taking: As, role: Role, statement: str) -> None:
    await prepare(pool, TOY, "a")
    async with taking(role) as denied:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await denied.execute(statement)
    await pool.execute(f"begin; {statement}; rollback")


async def test_a_role_is_kept_when_a_session_is_reset(taking: As) -> None:
    async with taking(Role.GATEWAY) as pool:
        for said in ("reset all", "reset role"):
            await pool.execute(said)
            assert await pool.fetchval("select current_user") == Role.GATEWAY


async def test_a_user_in_no_role_is_told_so(pool: Pool, database: str) -> None:
    await pool.execute("create role test_outsider login")
    try:
        uri = urlsplit(database)
        outsider = uri._replace(netloc=f"test_outsider@{uri.netloc.rpartition('@')[2]}").geturl()
        with pytest.raises(RoleDenied, match="manyhands_processor"):
            await connect(outsider, application="test", role=Role.PROCESSOR)
        with pytest.raises(RoleDenied):
            await upgrade(outsider)
    finally:
        await pool.execute("drop role test_outsider")


async def test_a_user_in_one_role_alone_works_in_it(pool: Pool, database: str) -> None:
    await pool.execute("create role test_folder login in role manyhands_processor")
    try:
        uri = urlsplit(database)
        folder = uri._replace(netloc=f"test_folder@{uri.netloc.rpartition('@')[2]}").geturl()
        assert await upgrade(folder) == []
        async with await connect(folder, application="test", role=Role.PROCESSOR) as processor:
            store = PostgresStore(processor, TOY, await prepare(processor, TOY, "a"))
            await store.commit(moved(0, 5, rows={"client": [counted("a", 1)]}))
            assert await processor.fetchval("select count(*) from api_toy.client") == 1
    finally:
        await pool.execute("drop owned by test_folder; drop role test_folder")


async def filled(pool: Pool) -> dict[str, int]:
    """Make a build with rows of one initiative in every table, and count them."""
    await prepare(pool, TOY, "a")
    parts: dict[str, Any] = {"refusals": [refusal(1)], "parked": [parked()]}
    rows = {
        "client": [counted("a", 1)],
        "referral": [counted("r", 1)],
        "timeline": [told()],
        "latest": [(*told()[:2], told()[3], "offer", NOON, False)],
        "history": [(*told()[:2], 1, "type", told()[3])],
        "mention": [mentioned("type", 1)],
    }
    await PostgresStore(pool, TOY, "rm_toy_v1_a").commit(moved(0, 5, rows=rows, **parts))
    return await seen(pool, None)


async def seen(pool: Pool, initiative: str | None) -> dict[str, int]:
    """Count the rows of each view, as a transaction for this initiative sees them."""
    tables = "select relname from pg_class where relnamespace = 'api_toy'::regnamespace and relkind = 'v' order by 1"
    async with pool.acquire() as connection, connection.transaction():
        if initiative is not None:
            await connection.execute("select set_config('manyhands.initiative', $1, true)", initiative)
        await connection.execute("set local search_path = api_toy")
        return {
            row["relname"]: await connection.fetchval(f"select count(*) from {row['relname']}")  # noqa: S608
            for row in await connection.fetch(tables)
        }


async def check_scope(pool: Pool, whole: dict[str, int]) -> None:
    """Hold that a transaction sees the rows of the initiative that it named, and of no other."""
    nothing = {**dict.fromkeys(whole, 0), "position": whole["position"]}
    assert await seen(pool, None) == nothing
    assert await seen(pool, "") == nothing
    assert await seen(pool, "elsewhere") == nothing
    assert await seen(pool, "riverbend") == whole
    assert await seen(pool, None) == nothing


async def test_the_gateway_sees_one_initiative_at_a_time(pool: Pool, taking: As) -> None:
    whole = await filled(pool)
    assert all(whole.values())
    async with taking(Role.GATEWAY) as gateway:
        await check_scope(gateway, whole)


@pytest.mark.parametrize(
    "broken",
    [
        "alter table rm_toy_v1_a.timeline disable row level security",
        "drop policy initiative on rm_toy_v1_a.client",
        "alter view api_toy.client set (security_invoker = false)",
    ],
)
async def test_a_table_without_its_policy_is_found_out(pool: Pool, taking: As, broken: str) -> None:
    whole = await filled(pool)
    await pool.execute(broken)
    async with taking(Role.GATEWAY) as gateway:
        with pytest.raises(AssertionError):
            await check_scope(gateway, whole)


@pytest.mark.parametrize("projection", [TOY, REFERRAL, INITIATIVE])
async def test_every_table_of_a_build_is_guarded(pool: Pool, projection: Projection) -> None:
    schema = await prepare(pool, projection, "a")
    found = await pool.fetch(
        "select relname, relrowsecurity, array(select polname::text from pg_policy where polrelid = c.oid) as policies,"
        " pg_get_userbyid(relowner) as owner from pg_class c where relnamespace = $1::regnamespace and relkind = 'r'",
        schema,
    )
    for row in found:
        assert row["relrowsecurity"], row["relname"]
        assert row["policies"] == (["everybody"] if row["relname"] == "position" else ["initiative"]), row["relname"]
        assert row["owner"] == Role.PROCESSOR
    assert await pool.fetchval("select has_schema_privilege($1, $2, 'usage')", Role.GATEWAY, api_of(projection.name))


async def test_operators_and_processors_see_all_rows(pool: Pool, taking: As) -> None:
    whole = await filled(pool)
    for role in (Role.OPERATOR, Role.PROCESSOR):
        async with taking(role) as other:
            assert await seen(other, None) == whole


async def test_builds_made_before_there_were_roles_are_taken_over(database: str) -> None:
    async with await connect(database, application="test") as pool:
        await migrate(pool)
        await prepare(pool, TOY, "a")
        await pool.execute(
            "drop schema keep cascade; alter schema rm_toy_v1_a owner to current_user;"
            "alter table rm_toy_v1_a.client owner to current_user; alter schema api_toy owner to current_user;"
            "drop policy initiative on rm_toy_v1_a.client;"
        )
        for row in await pool.fetch("select tablename, policyname from pg_policies"):
            await pool.execute(f"drop policy {row['policyname']} on rm_toy_v1_a.{row['tablename']}")
        await migrate(pool)
    async with await connect(database, application="test", role=Role.PROCESSOR) as processor:
        await PostgresStore(processor, TOY, "rm_toy_v1_a").commit(moved(0, 5, rows={"client": [counted("a", 1)]}))
    async with await connect(database, application="test", role=Role.GATEWAY) as gateway:
        assert (await seen(gateway, "riverbend"))["client"] == 1
        assert (await seen(gateway, None))["client"] == 0
