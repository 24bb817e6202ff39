"""Who a client is to each partner: ids that say nothing, names that only their partner knows."""

import asyncio
from collections.abc import Callable
from uuid import UUID, uuid4

import asyncpg

from services.vault import Vault

CANARY = "own:smith-john-1980"
Vaults = Callable[[], Vault]


async def written(pool: asyncpg.Pool) -> str:
    """Return everything that stands in `keep`, as text."""
    tables = await pool.fetch("select tablename from pg_tables where schemaname = 'keep'")
    return "\n".join(
        [str(tuple(row)) for table in tables for row in await pool.fetch(f"select * from keep.{table[0]}")]  # noqa: S608 - names from the catalogue
    )


async def test_unknown_names_have_no_client(vault: Vault) -> None:
    assert await vault.find("north", "clinic", ["own:1", str(uuid4()), "nonsense"]) == {}


async def test_minted_client_is_random_and_found_again(vault: Vault, vaults: Vaults) -> None:
    minted = await vault.mint("north", "clinic", ["own:1", "own:2"])
    assert {UUID(client).version for client in minted.values()} == {4}
    assert len(set(minted.values())) == 2
    assert await vaults().find("north", "clinic", ["own:1", "own:2"]) == minted


async def test_minting_again_changes_nothing(vault: Vault) -> None:
    first = await vault.mint("north", "clinic", ["own:1"])
    both = await vault.mint("north", "clinic", ["own:2", "own:1", "own:1"])
    assert both["own:1"] == first["own:1"]
    assert set(both) == {"own:1", "own:2"}


async def test_same_own_id_is_another_client_for_another_partner_or_initiative(vault: Vault) -> None:
    minted = [
        (await vault.mint(initiative, partner, ["own:1"]))["own:1"]
        for initiative, partner in (("north", "clinic"), ("north", "shelter"), ("south", "clinic"))
    ]
    assert len(set(minted)) == 3


async def test_processes_minting_at_once_agree(vaults: Vaults, pool: asyncpg.Pool) -> None:
    names = [f"own:{number}" for number in range(300)]
    orders = [names, names[::-1], names[150:] + names[:150], names[::2] + names[1::2]]
    minted = await asyncio.gather(*(vaults().mint("north", "clinic", order) for order in orders))
    assert all(clients == minted[0] for clients in minted)
    assert await pool.fetchval("select count(*) from keep.client") == 300


async def test_alias_names_the_client_for_its_partner_only(vault: Vault) -> None:
    [client] = (await vault.mint("north", "clinic", ["own:1"])).values()
    granted = await vault.aliases("north", "shelter", [client], grant=True)
    alias = granted[client]
    assert alias != client
    assert await vault.find("north", "shelter", [alias]) == {alias: client}
    assert await vault.find("north", "clinic", [alias]) == {}
    assert await vault.find("south", "shelter", [alias]) == {}


async def test_alias_is_not_granted_by_asking(vault: Vault) -> None:
    [client] = (await vault.mint("north", "clinic", ["own:1"])).values()
    assert await vault.aliases("north", "shelter", [client]) == {}
    assert set(await vault.aliases("north", "clinic", [client])) == {client}


async def test_alias_of_nobody_is_neither_minted_nor_granted(vault: Vault, pool: asyncpg.Pool) -> None:
    assert await vault.mint("north", "clinic", [str(uuid4())]) == {}
    assert await vault.aliases("north", "clinic", [str(uuid4())], grant=True) == {}
    assert await pool.fetchval("select count(*) from keep.alias") == 0


async def test_granting_at_once_gives_one_alias(vault: Vault, vaults: Vaults) -> None:
    clients = list((await vault.mint("north", "clinic", [f"own:{number}" for number in range(100)])).values())
    orders = [clients, clients[::-1], clients]
    granted = await asyncio.gather(*(vaults().aliases("north", "shelter", order, grant=True) for order in orders))
    assert set(granted[0]) == set(clients)
    assert all(aliases == granted[0] for aliases in granted)


async def test_own_id_is_kept_nowhere(vault: Vault, pool: asyncpg.Pool) -> None:
    await vault.mint("north", "clinic", [CANARY])
    assert await pool.fetchval("select count(own) from keep.alias") == 1
    text = await written(pool)
    assert "clinic" in text
    assert "smith" not in text
    assert b"smith".hex() not in text
