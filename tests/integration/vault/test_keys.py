"""Keys in PostgreSQL: on disk before they are used, one for an owner, and only with the secrets beside them."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from asyncpg.connection import LoggedQuery

from projections.batch import Away
from services.runtime.store import connect
from services.vault import SealInvalid, SealPlace, Secrets, Vault, seal, unseal
from services.vault.errors import SecretMissing, SecretsForeign
from tests.support.wait import until
from tests.unit.vault.places import PLACE

CANARY = "Alva Canary"
#: Ends the connection of the process that waits for a lock.
CUT = """
    select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = 'cut off' and wait_event_type = 'Lock'
"""
Vaults = Callable[[], Vault]


def place(owner: str) -> SealPlace:
    return SealPlace("north", owner, PLACE.source, PLACE.event_id, PLACE.type, PLACE.pointer)


def owners(count: int) -> list[str]:
    return [str(uuid4()) for _ in range(count)]


async def test_key_is_kept_before_it_is_used(vault: Vault, vaults: Vaults) -> None:
    [owner] = owners(1)
    key = (await vault.keys("north", [owner]))[owner]
    assert await vaults().open(place(owner), seal(key, place(owner), CANARY)) == CANARY


async def test_processes_making_keys_at_once_agree(vaults: Vaults) -> None:
    people = owners(500)
    made = await asyncio.gather(*(vaults().keys("north", order) for order in (people, people[::-1], people)))
    sealed = {owner: seal(made[0][owner], place(owner), CANARY) for owner in people}
    for keys in made:
        assert {unseal(keys[owner], place(owner), sealed[owner]) for owner in people} == {CANARY}


async def test_person_of_two_initiatives_has_two_keys(vault: Vault) -> None:
    [owner] = owners(1)
    north, south = await vault.keys("north", [owner]), await vault.keys("south", [owner])
    with pytest.raises(SealInvalid):
        unseal(south[owner], place(owner), seal(north[owner], place(owner), CANARY))


async def test_opening_for_an_owner_without_a_key_makes_none(vault: Vault, pool: asyncpg.Pool) -> None:
    sealing, other = owners(2)
    sealed = seal((await vault.keys("north", [sealing]))[sealing], place(sealing), CANARY)
    with pytest.raises(SealInvalid):
        await vault.open(place(other), sealed)
    assert await pool.fetchval("select count(*) from keep.data_key") == 1


async def test_keys_of_a_batch_take_few_statements_and_none_when_held(
    database: str, vault: Vault, folder: Path
) -> None:
    people = owners(500)
    await vault.keys("north", people[:1])
    asked: list[LoggedQuery] = []
    async with await connect(database, application="counted", size=1) as pool:
        counted = Vault(pool, Secrets(folder))
        await counted.keys("north", people[:1])
        async with pool.acquire() as connection:
            connection.add_query_logger(asked.append)
        assert len(await counted.keys("north", people)) == 500
        await counted.keys("north", people)
    # Asked which exist, and the missing ones added, all of them by this maker; the second call held them all.
    assert len([query for query in asked if "keep." in query.query]) == 2


async def test_database_holds_no_bare_key(vault: Vault, pool: asyncpg.Pool, folder: Path) -> None:
    [owner] = owners(1)
    key = (await vault.keys("north", [owner]))[owner]
    wrapped = await pool.fetchval("select wrapped from keep.data_key")
    sealed = seal(key, place(owner), CANARY)
    assert len(wrapped) == 60
    assert Secrets(folder).epoch(1) not in wrapped
    (folder / "epoch-1.key").write_bytes(bytes(32))
    with pytest.raises(SecretsForeign):
        await Vault(pool, Secrets(folder)).open(place(owner), sealed)


async def test_secrets_of_another_database_are_noticed_before_they_are_used(
    vault: Vault, pool: asyncpg.Pool, tmp_path: Path
) -> None:
    await vault.mint("north", "clinic", ["own:1"])
    other = Vault(pool, Secrets(tmp_path / "other"))
    Secrets(tmp_path / "other").make_epoch(1)
    assert len(Secrets(tmp_path / "other").ids) == 32
    for attempt in (other.find("north", "clinic", ["own:1"]), other.keys("north", owners(1))):
        with pytest.raises(SecretsForeign):
            await attempt


async def test_lost_secrets_are_not_made_anew(vault: Vault, vaults: Vaults, folder: Path) -> None:
    await vault.mint("north", "clinic", ["own:1"])
    (folder / "ids.key").unlink()
    with pytest.raises(SecretMissing):
        await vaults().find("north", "clinic", ["own:1"])
    assert not (folder / "ids.key").exists()


async def test_connection_lost_in_the_middle_is_an_outage_and_no_fault(
    database: str, pool: asyncpg.Pool, folder: Path
) -> None:
    async with await connect(database, application="cut off", size=1) as cut:
        vault = Vault(cut, Secrets(folder))
        await vault.keys("north", owners(1))
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("lock table keep.data_key in access exclusive mode")
            waiting = asyncio.create_task(vault.keys("north", owners(1)))
            await until(lambda: pool.fetchval(CUT), what="the query waits and is cut off")
            with pytest.raises(Away):
                await waiting
        assert len(await vault.keys("north", owners(1))) == 1
