"""A new epoch: every living key moves, the old epoch's key is destroyed, and a crash anywhere loses nothing."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import asyncpg
import pytest

from events.fields import Sealed
from services.vault import Secrets, Vault, seal
from services.vault.epochs import Epochs
from services.vault.errors import RotationRunning
from services.vault.keys import Wrapped
from services.vault.store import Fingerprint, VaultStore
from tests.integration.vault.test_keys import CANARY, owners, place

Vaults = Callable[[], Vault]


class Crash(Exception):
    """The process dies here."""


class Dying(VaultStore):
    """A store whose process dies before or after it has done the named step."""

    def __init__(self, pool: asyncpg.Pool, step: str, after: bool) -> None:
        super().__init__(pool)
        self._step = step
        self._after = after

    async def advance(self, epoch: Fingerprint) -> None:
        self._die("advance", after=False)
        await super().advance(epoch)
        self._die("advance", after=True)

    async def rewrap(self, epoch: int, keys: Sequence[Wrapped]) -> None:
        self._die("rewrap", after=False)
        await super().rewrap(epoch, keys)
        self._die("rewrap", after=True)

    async def forget_epochs(self, before: int) -> None:
        # The first rotation step forgets too, when there is nothing to finish: dying there is dying before the start.
        self._die("forget_epochs", after=False)
        await super().forget_epochs(before)
        self._die("forget_epochs", after=True)

    def _die(self, step: str, *, after: bool) -> None:
        if (step, after) == (self._step, self._after):
            raise Crash(step)


class Clinging(Secrets):
    """Secrets whose process dies before, or right after, it destroys an old epoch's key."""

    def __init__(self, folder: Path, *, after: bool) -> None:
        super().__init__(folder)
        self._after = after

    def destroy_epoch(self, number: int) -> None:
        if self._after:
            super().destroy_epoch(number)
        raise Crash("destroy_epoch")


async def test_rotation_moves_every_key_and_destroys_the_old_one(
    vaults: Vaults, pool: asyncpg.Pool, folder: Path
) -> None:
    people = owners(50)
    keys = await vaults().keys("north", people)
    sealed = {owner: seal(keys[owner], place(owner), CANARY) for owner in people}
    assert await vaults().rotate() == 2
    assert Secrets(folder).epochs() == [2]
    reader = vaults()
    assert {await reader.open(place(owner), sealed[owner]) for owner in people} == {CANARY}
    assert [tuple(row) for row in await pool.fetch("select distinct epoch from keep.data_key")] == [(2,)]


async def test_process_that_held_the_old_epoch_uses_the_new_one(vaults: Vaults) -> None:
    behind = vaults()
    await behind.keys("north", owners(1))
    await vaults().rotate()
    [owner] = owners(1)
    sealed = seal((await behind.keys("north", [owner]))[owner], place(owner), CANARY)
    assert await vaults().open(place(owner), sealed) == CANARY


async def test_keys_made_while_rotating_all_open_afterwards(vaults: Vaults) -> None:
    made: dict[str, Sealed] = {}

    async def make(vault: Vault) -> None:
        for _ in range(10):
            people = owners(10)
            keys = await vault.keys("north", people)
            made.update({owner: seal(keys[owner], place(owner), CANARY) for owner in people})

    async def turn() -> None:
        for _ in range(4):
            await vaults().rotate()

    await asyncio.gather(*(make(vaults()) for _ in range(3)), turn())
    reader = vaults()
    assert {await reader.open(place(owner), sealed) for owner, sealed in made.items()} == {CANARY}
    assert len(made) == 300


async def test_only_one_rotates_at_a_time(pool: asyncpg.Pool, vault: Vault) -> None:
    await vault.keys("north", owners(1))
    async with VaultStore(pool).rotating():
        with pytest.raises(RotationRunning):
            await vault.rotate()
    assert await vault.rotate() == 2


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", ["advance", "rewrap", "forget_epochs"])
async def test_rotation_that_dies_at_a_step_is_finished_by_the_next(
    step: str, after: bool, pool: asyncpg.Pool, folder: Path, vaults: Vaults
) -> None:
    await survives(Epochs(Dying(pool, step, after), Secrets(folder)), vaults, folder)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_rotation_that_dies_around_destroying_a_key_is_finished_by_the_next(
    after: bool, pool: asyncpg.Pool, folder: Path, vaults: Vaults
) -> None:
    await survives(Epochs(VaultStore(pool), Clinging(folder, after=after)), vaults, folder)


async def survives(dying: Epochs, vaults: Vaults, folder: Path) -> None:
    """Let a rotation die; what was sealed opens, new keys are made, and the next rotation leaves one epoch."""
    people = owners(20)
    keys = await vaults().keys("north", people)
    sealed = {owner: seal(keys[owner], place(owner), CANARY) for owner in people}
    with pytest.raises(Crash):
        await dying.rotate()
    later = vaults()
    assert {await later.open(place(owner), sealed[owner]) for owner in people} == {CANARY}
    [newcomer] = owners(1)
    late = seal((await later.keys("north", [newcomer]))[newcomer], place(newcomer), CANARY)
    number = await vaults().rotate()
    assert Secrets(folder).epochs() == [number]
    last = vaults()
    assert {await last.open(place(owner), sealed[owner]) for owner in people} == {CANARY}
    assert await last.open(place(newcomer), late) == CANARY
