"""Erasure: the key and every name are gone at once, and gone from copies once the epoch has changed."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from events.fields import Sealed
from services.vault import KeyDestroyed, SealPlace, Secrets, Vault, seal
from services.vault.cache import LIFE
from services.vault.errors import SecretMissing
from tests.integration.vault.test_keys import CANARY, place
from tests.unit.vault.test_cache import Clock

Vaults = Callable[[], Vault]


async def sealed_by(vault: Vault, own: str = "own:1") -> tuple[SealPlace, Sealed]:
    """Mint a client, grant a second partner an alias, and seal a text about them."""
    [client] = (await vault.mint("north", "clinic", [own])).values()
    await vault.aliases("north", "shelter", [client], grant=True)
    keys = await vault.keys("north", [client])
    return place(client), seal(keys[client], place(client), CANARY)


async def test_erased_text_does_not_open_and_no_key_takes_its_place(vault: Vault, vaults: Vaults) -> None:
    where, sealed = await sealed_by(vault)
    await vault.destroy("north", where.owner)
    for asked in (vault, vaults()):
        with pytest.raises(KeyDestroyed):
            await asked.open(where, sealed)
        assert await asked.keys("north", [where.owner]) == {}


async def test_erased_client_has_no_name_and_gets_none(vault: Vault) -> None:
    where, _ = await sealed_by(vault)
    await vault.destroy("north", where.owner)
    assert await vault.find("north", "clinic", ["own:1"]) == {}
    for partner in ("clinic", "shelter", "school"):
        assert await vault.aliases("north", partner, [where.owner], grant=True) == {}


async def test_person_who_comes_back_is_a_new_client(vault: Vault) -> None:
    where, _ = await sealed_by(vault)
    await vault.destroy("north", where.owner)
    assert (await vault.mint("north", "clinic", ["own:1"]))["own:1"] != where.owner


async def test_erasing_again_or_without_a_key_changes_nothing_else(vault: Vault) -> None:
    bare = (await vault.mint("north", "clinic", ["own:2"]))["own:2"]
    other, kept = await sealed_by(vault)
    for _ in range(2):
        await vault.destroy("north", bare)
    assert await vault.keys("north", [bare]) == {}
    assert await vault.open(other, kept) == CANARY


async def test_other_process_forgets_the_key_within_a_minute(pool: asyncpg.Pool, vault: Vault, folder: Path) -> None:
    clock = Clock()
    reader = Vault(pool, Secrets(folder), clock)
    where, sealed = await sealed_by(vault)
    assert await reader.open(where, sealed) == CANARY
    await vault.destroy("north", where.owner)
    clock.now += LIFE
    with pytest.raises(KeyDestroyed):
        await reader.open(where, sealed)


async def test_no_name_outlives_an_erasure_at_the_same_time(vault: Vault, vaults: Vaults, pool: asyncpg.Pool) -> None:
    clients = list((await vault.mint("north", "clinic", [f"own:{number}" for number in range(30)])).values())
    await asyncio.gather(
        *(vault.destroy("north", client) for client in clients),
        *(vaults().aliases("north", f"partner-{number}", clients, grant=True) for number in range(6)),
        vaults().keys("north", clients),
    )
    assert await pool.fetchval("select count(*) from keep.alias") == 0
    assert await pool.fetchval("select count(*) from keep.data_key where wrapped is not null") == 0


async def test_copy_of_the_database_opens_nothing_once_the_epoch_has_changed(
    vault: Vault, pool: asyncpg.Pool, folder: Path, tmp_path: Path
) -> None:
    where, sealed = await sealed_by(vault)
    copied = await pool.fetch("select * from keep.data_key")
    epoch = await pool.fetch("select * from keep.secret")
    await vault.destroy("north", where.owner)
    await restore(pool, copied, epoch)
    assert await Vault(pool, Secrets(copy_of(folder, tmp_path / "before"))).open(where, sealed) == CANARY
    await vault.destroy("north", where.owner)
    await vault.rotate()
    await restore(pool, copied, epoch)
    with pytest.raises(SecretMissing):
        await Vault(pool, Secrets(folder)).open(where, sealed)


async def restore(pool: asyncpg.Pool, keys: list[asyncpg.Record], secrets: list[asyncpg.Record]) -> None:
    """Put rows back as a backup of the database would."""
    await pool.execute("truncate keep.data_key, keep.secret")
    await pool.copy_records_to_table("data_key", schema_name="keep", records=map(tuple, keys))
    await pool.copy_records_to_table("secret", schema_name="keep", records=map(tuple, secrets))


def copy_of(folder: Path, into: Path) -> Path:
    shutil.copytree(folder, into)
    return into
