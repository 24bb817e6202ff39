"""A partner's own ids for people: shown to that partner again, to nobody else, and to nobody once they are erased."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest
from asyncpg.connection import LoggedQuery

from services.runtime.roles import Role
from services.runtime.store import connect
from services.vault import Secrets, Vault
from services.vault import names as naming
from services.vault import vault as vaulting
from services.vault.errors import KeyDestroyed
from services.vault.names import Holder, Name, open_own, seal_own
from services.vault.sealing import DataKey
from tests.integration.vault.test_clients import written

Vaults = Callable[[], Vault]
OWN = "smith-john-1980"
FORGET = "update keep.alias set own_sealed = null"


async def disclose(_: str) -> None:
    """Nobody is told in these tests."""


async def own(vault: Vault, client: str, partner: str = "clinic", initiative: str = "north") -> str | None:
    """Return the own id by which the partner is shown the client."""
    found = (await vault.names(initiative, partner, [client])).get(client)
    return found.own if found else None


async def minted(vault: Vault, name: str = f"own:{OWN}") -> str:
    [client] = (await vault.mint("north", "clinic", [name])).values()
    return client


async def test_partner_is_shown_its_own_id_and_nobody_else_is(vault: Vault, vaults: Vaults) -> None:
    client = await minted(vault)
    alias = (await vault.aliases("north", "clinic", [client]))[client]
    [granted] = (await vault.aliases("north", "shelter", [client], grant=True)).values()
    for asked in (vault, vaults()):
        assert await asked.names("north", "clinic", [client]) == {client: Name(alias, OWN)}
        assert await asked.names("north", "shelter", [client]) == {client: Name(granted)}
        for scope in (("north", "school"), ("south", "clinic"), ("north", "")):
            assert await asked.names(*scope, [client]) == {}
    assert (Name(alias, OWN).shown, Name(alias).shown) == (OWN, alias)
    assert OWN not in repr(Name(alias, OWN))


async def test_each_partner_has_its_own_id_for_the_same_person(vault: Vault) -> None:
    client, matched = await vault.match(("north", "clinic"), "own:c-1", ["token"], disclose)
    assert not matched
    assert await vault.match(("north", "shelter"), "own:s-1", ["token"], disclose) == (client, True)
    assert [await own(vault, client, partner) for partner in ("clinic", "shelter")] == ["c-1", "s-1"]


async def test_another_id_for_the_same_person_takes_no_id_s_place(vault: Vault, pool: asyncpg.Pool) -> None:
    client, _ = await vault.match(("north", "clinic"), "own:c-1", ["token"], disclose)
    await pool.execute(FORGET)
    assert (await vault.match(("north", "clinic"), "own:c-2", ["token"], disclose))[0] == client
    assert await own(vault, client) is None
    await vault.find("north", "clinic", ["own:c-1"], keep=True)
    assert await own(vault, client) == "c-1"


@pytest.mark.parametrize("way", ["mint", "match", "find"])
async def test_id_of_before_is_kept_when_the_partner_says_it_again(vault: Vault, pool: asyncpg.Pool, way: str) -> None:
    client = await minted(vault)
    await pool.execute(FORGET)
    assert await vault.find("north", "clinic", [f"own:{OWN}"]) == {f"own:{OWN}": client}
    assert await own(vault, client) is None
    if way == "mint":
        await vault.mint("north", "clinic", ["own:new", f"own:{OWN}"])
    elif way == "match":
        await vault.match(("north", "clinic"), f"own:{OWN}", ["token"], disclose)
    else:
        await vault.find("north", "clinic", [f"own:{OWN}"], keep=True)
    assert await own(vault, client) == OWN


async def test_admission_may_fill_it_in_and_change_own_ids_alone(database: str, vault: Vault, folder: Path) -> None:
    client = await minted(vault)
    async with await connect(database, application="test", size=1, role=Role.ADMISSION) as pool:
        await pool.execute(FORGET)
        assert await Vault(pool, Secrets(folder)).mint("north", "clinic", [f"own:{OWN}"]) == {f"own:{OWN}": client}
        for column in ("alias = gen_random_uuid()", "client = gen_random_uuid()", "partner = 'shelter'"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await pool.execute(f"update keep.alias set {column}")  # noqa: S608 - from here
    assert await own(vault, client) == OWN


async def swapped(vault: Vault, pool: asyncpg.Pool) -> str:
    """Put what is sealed for the clinic into the row of the shelter, which knows the same person."""
    client, _ = await vault.match(("north", "clinic"), f"own:{OWN}", ["token"], disclose)
    await vault.match(("north", "shelter"), "own:s-1", ["token"], disclose)
    taken = "(select own_sealed from keep.alias where partner = 'clinic')"
    await pool.execute(f"update keep.alias set own_sealed = {taken} where partner = 'shelter'")  # noqa: S608 - from here
    return client


async def test_id_opens_in_no_other_partner_s_row(vault: Vault, pool: asyncpg.Pool) -> None:
    client = await swapped(vault, pool)
    found = (await vault.names("north", "shelter", [client]))[client]
    assert found.own is None
    assert await own(vault, client) == OWN


async def test_unbound_id_would_open_there(vault: Vault, pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: sealed for nobody in particular, it is shown to whoever has the row."""
    monkeypatch.setattr(naming, "_bound", lambda *_: b"")
    assert await own(vault, await swapped(vault, pool), "shelter") == OWN


async def test_erased_person_has_no_id_and_a_copied_row_shows_none(
    vault: Vault, vaults: Vaults, pool: asyncpg.Pool
) -> None:
    client = await minted(vault)
    aliases, keys = [await pool.fetch(f"select * from keep.{table}") for table in ("alias", "data_key")]  # noqa: S608
    await vault.destroy("north", client)
    assert await vault.names("north", "clinic", [client]) == {}
    assert await pool.fetchval("select count(*) from keep.alias") == 0
    await restored(pool, "alias", aliases)
    for asked in (vault, vaults()):
        assert await own(asked, client) is None
        await asked.find("north", "clinic", [f"own:{OWN}"], keep=True)
    # Negative control: with the key there as well it would be shown, so it is the key that keeps it closed.
    await pool.execute("delete from keep.data_key")
    await restored(pool, "data_key", keys)
    assert await own(vaults(), client) == OWN


async def restored(pool: asyncpg.Pool, table: str, rows: list[asyncpg.Record]) -> None:
    """Put rows back as a backup of the database would."""
    await pool.copy_records_to_table(table, schema_name="keep", records=map(tuple, rows))


async def test_id_is_in_clear_in_no_table_and_no_log(
    vault: Vault, pool: asyncpg.Pool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert await own(vault, await minted(vault)) == OWN
    assert OWN not in await written(pool)
    assert OWN not in caplog.text


async def test_unsealed_id_would_be_found(vault: Vault, pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: a seal that hides nothing is seen by the search."""
    monkeypatch.setattr(vaulting, "seal_own", lambda _key, _holder, said: bytes(12) + said.encode().ljust(144, b"\0"))
    await minted(vault)
    assert OWN in await written(pool)


async def test_every_id_is_sealed_to_one_length_and_never_twice_alike() -> None:
    key, holder = DataKey(bytes(16), bytes(32)), Holder("north", "clinic", "c")
    said = ["1", "1", "x" * 128, " a b ".strip()]
    sealed = [seal_own(key, holder, each) for each in said]
    assert {len(each) for each in sealed} == {156}
    assert len(set(sealed)) == len(said)
    assert [open_own(key, holder, each) for each in sealed] == said
    assert open_own(DataKey(bytes(16), b"1" * 32), holder, sealed[0]) is None


async def test_names_of_a_page_take_two_statements(database: str, vault: Vault, folder: Path) -> None:
    clients = list((await vault.mint("north", "clinic", [f"own:{number}" for number in range(500)])).values())
    asked: list[LoggedQuery] = []
    async with await connect(database, application="counted", size=1) as pool:
        counted = Vault(pool, Secrets(folder))
        await counted.find("", "", ())
        async with pool.acquire() as connection:
            connection.add_query_logger(asked.append)
        found = await counted.names("north", "clinic", clients)
    assert sorted(each.own or "" for each in found.values()) == sorted(map(str, range(500)))
    assert len([query for query in asked if "keep." in query.query]) == 2


async def test_partner_says_later_by_which_id_it_knows_somebody(vault: Vault) -> None:
    client, other = await minted(vault), await minted(vault, "own:other")
    await vault.aliases("north", "shelter", [client, other], grant=True)
    scope = ("north", "shelter")
    assert await vault.know_by(scope, client, "s-1")
    assert await vault.know_by(scope, client, "s-1")
    assert [await own(vault, client, partner) for partner in ("clinic", "shelter")] == [OWN, "s-1"]
    assert await vault.find(*scope, ["own:s-1"]) == {"own:s-1": client}
    # What names somebody stays theirs, and whoever has no name for the person gives none.
    assert not await vault.know_by(scope, other, "s-1")
    assert not await vault.know_by(("north", "school"), client, "s-1")
    assert await vault.know_by(scope, client, "s-2")
    assert await vault.find(*scope, ["own:s-1", "own:s-2"]) == {"own:s-2": client}


async def test_of_two_who_give_one_id_to_two_people_one_is_told_no(vault: Vault, vaults: Vaults) -> None:
    people = [await minted(vault, f"own:{each}") for each in range(8)]
    await vault.aliases("north", "shelter", people, grant=True)
    given = await asyncio.gather(*(vaults().know_by(("north", "shelter"), each, "s-1") for each in people))
    assert sorted(given) == [False] * 7 + [True]
    assert await vault.find("north", "shelter", ["own:s-1"]) == {"own:s-1": people[given.index(True)]}


async def test_nobody_gives_an_id_to_somebody_who_is_erased(vault: Vault) -> None:
    client = await minted(vault)
    await vault.aliases("north", "shelter", [client], grant=True)
    await vault.destroy("north", client)
    with pytest.raises(KeyDestroyed):
        await vault.know_by(("north", "shelter"), client, "s-1")
