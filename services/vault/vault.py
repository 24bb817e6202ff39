"""Who a client is to each partner, and the keys of what is written about them."""

import os
import re
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from uuid import uuid4

from events.fields import UUID_PATTERN, Sealed
from events.ids import Keyed, keyed_hash
from events.spoken import OWN
from projections.batch import Away
from services.runtime.store import Pool
from services.vault.cache import KeyCache, Reading
from services.vault.epochs import Epochs
from services.vault.errors import KeyDestroyed, SealInvalid, SecretMissing
from services.vault.keys import Wrapped, throwaway
from services.vault.names import Holder, Name, open_own, seal_own
from services.vault.sealing import KID_BYTES, DataKey, SealPlace, unseal
from services.vault.secrets import Secrets
from services.vault.store import VaultStore

_ALIAS = re.compile(UUID_PATTERN)
#: Keys held at most; one takes about 500 bytes.
CACHE = 50_000
#: How often keys are made again when epochs change underneath.
TRIES = 5
#: Returns when it is on record that a partner learns of this client, and raises when that is not certain.
Disclose = Callable[[str], Awaitable[None]]


class Vault:
    """Clients, their aliases and their keys, each scoped to one initiative.

    Every method is a few statements for any number of names and raises Away when PostgreSQL does not answer,
    and a VaultFault when the secrets are not this database's.
    """

    def __init__(self, pool: Pool, secrets: Secrets, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = VaultStore(pool)
        self._epochs = Epochs(self._store, secrets)
        self._secrets = secrets
        self._cache = KeyCache(clock, CACHE)

    async def find(self, initiative: str, partner: str, names: Iterable[str], *, keep: bool = False) -> dict[str, str]:
        """Return the client of each name (`own:<id>` or an alias) that this partner has for one.

        With `keep` the partner is shown such an own id from now on, where it is not kept in full yet.
        """
        await self._epochs.ready()
        wanted = [name for name in dict.fromkeys(names) if name.startswith(OWN) or _ALIAS.fullmatch(name)]
        keyed = [self._keyed(initiative, partner, name) for name in wanted]
        told = await self._store.find((initiative, partner), keyed)
        found = {name: each for name, each in zip(wanted, told, strict=True) if each is not None}
        if keep:
            await self._keep(initiative, partner, {name: each.client for name, each in found.items() if not each.kept})
        return {name: each.client for name, each in found.items()}

    async def mint(self, initiative: str, partner: str, names: Iterable[str]) -> dict[str, str]:
        """Return the client of each name as `find` does, with a new random one behind each `own:<id>` that had none.

        An alias that was never granted names nobody and is not in the answer.
        """
        await self._epochs.ready()
        wanted = list(dict.fromkeys(names))
        keyed = {self._own(initiative, partner, name): name for name in wanted if name.startswith(OWN)}
        minted: dict[str, str] = {}
        if keyed:
            named = [(str(uuid4()), str(uuid4()), own) for own in keyed]
            fresh = await self._store.mint((initiative, partner), named)
            minted = {keyed[own]: client for own, client in fresh.items()}
            await self._keep(initiative, partner, minted)
        there = [name for name in wanted if name not in minted]
        return minted | await self.find(initiative, partner, there, keep=True)

    async def match(
        self, scope: tuple[str, str], name: str, tokens: Iterable[str], disclose: Disclose
    ) -> tuple[str, bool]:
        """Return the client of an `own:<id>`, and whether the partner learns of one that others know by these tokens.

        The scope is (initiative, partner).  An id that has a client keeps it.  Another gets the one client that is
        known by all of the tokens, none of which stands for anybody else; without such a one it gets a client of
        its own, known by the tokens from now on.  Nothing is told or kept of a match before `disclose` returned.
        """
        initiative, partner = scope
        known = await self.find(initiative, partner, [name], keep=True)
        hashed = sorted({keyed_hash(self._ids, "match", initiative, token) for token in tokens})
        found = None if known else await self._store.matched(initiative, hashed)
        if found is not None:
            await disclose(found)
            await self._store.adopt(scope, str(uuid4()), found, self._own(initiative, partner, name))
            await self._keep(initiative, partner, {name: found})
            return found, True
        client = (known or await self.mint(initiative, partner, [name]))[name]
        await self._store.know(initiative, client, hashed)
        return client, False

    async def know_by(self, scope: tuple[str, str], client: str, own: str) -> bool:
        """Let a partner know a client, whom it has a name for, by this own id (without `own:`) from now on.

        The scope is (initiative, partner).  An id that it gave before names nobody then.  Returns whether it does: not
        where it names somebody else already, or the partner has no name for the client.  Raises KeyDestroyed.
        """
        initiative, partner = scope
        keys = await self.keys(initiative, [client])
        if client not in keys:
            raise KeyDestroyed("the client's key is destroyed")
        sealed = seal_own(keys[client], Holder(initiative, partner, client), own)
        return await self._store.know_by(scope, client, self._own(initiative, partner, own), sealed)

    async def aliases(
        self, initiative: str, partner: str, clients: Iterable[str], *, grant: bool = False
    ) -> dict[str, str]:
        """Return this partner's alias of each client; with `grant`, made for those living clients that have none."""
        wanted = list(dict.fromkeys(clients))
        found = await self._store.aliases((initiative, partner), wanted)
        missing = [client for client in wanted if client not in found]
        if not grant or not missing:
            return found
        await self._store.grant((initiative, partner), [(client, str(uuid4())) for client in missing])
        return found | await self._store.aliases((initiative, partner), missing)

    async def names(self, initiative: str, partner: str, clients: Iterable[str]) -> dict[str, Name]:
        """Return what this partner calls each client that it has a name for."""
        found = await self._store.names((initiative, partner), list(dict.fromkeys(clients)))
        keys = await self.keys(initiative, [client for client, (_, sealed) in found.items() if sealed is not None])
        return {
            client: Name(alias, _opened(keys.get(client), Holder(initiative, partner, client), sealed))
            for client, (alias, sealed) in found.items()
        }

    async def keys(self, initiative: str, owners: Iterable[str]) -> dict[str, DataKey]:
        """Return each owner's key, made and on disk before it is returned; a destroyed one is not in the answer."""
        wanted = list(dict.fromkeys(owners))
        held = self._held(initiative, wanted)
        unheld = [owner for owner in wanted if owner not in held]
        if not unheld:
            return held
        await self._epochs.ready()
        reading = self._cache.reading()
        stored = await self._store.keys(initiative, unheld)
        missing = [owner for owner in unheld if owner not in stored]
        found = await self._unwrapped(initiative, stored | await self._made(initiative, missing))
        self._hold(initiative, found, reading)
        return held | found

    async def rehearsed(self, initiative: str, owners: Iterable[str]) -> dict[str, DataKey]:
        """Return keys as `keys` does and write nothing: who has none, or no id yet, gets one to throw away."""
        wanted = list(dict.fromkeys(owners))
        await self._epochs.ready()
        stored = await self._store.keys(initiative, [owner for owner in wanted if not owner.startswith(OWN)])
        fresh = {owner: throwaway() for owner in wanted if owner not in stored}
        return fresh | await self._unwrapped(initiative, stored)

    async def existing(self, initiative: str, owner: str) -> DataKey:
        """Return an owner's key.  Raises KeyDestroyed, and SealInvalid when nothing was ever sealed for it."""
        held = self._held(initiative, [owner])
        if held:
            return held[owner]
        await self._epochs.ready()
        reading = self._cache.reading()
        stored = await self._store.keys(initiative, [owner])
        if owner not in stored:
            raise SealInvalid("nothing was sealed for this owner")
        found = await self._unwrapped(initiative, stored)
        if owner not in found:
            raise KeyDestroyed("the owner's key is destroyed")
        self._hold(initiative, found, reading)
        return found[owner]

    async def open(self, place: SealPlace, sealed: Sealed) -> str:
        """Return what was sealed for this place.  Raises KeyDestroyed and SealInvalid."""
        return unseal(await self.existing(place.initiative, place.owner), place, sealed)

    async def destroy(self, initiative: str, client: str) -> None:
        """Destroy a client's key and every alias: what was sealed is gone.  Doing it again changes nothing."""
        await self._epochs.ready()
        try:
            await self._store.destroy(initiative, client, os.urandom(KID_BYTES))
        finally:
            self._cache.drop((initiative, client))

    async def epoch_since(self) -> datetime | None:
        """Return since when the epoch's key is in use, or None before there is one."""
        return await self._store.since("epoch")

    async def rotate(self) -> int:
        """Begin a new epoch, move every living key into it, destroy the older epochs' keys; return its number.

        A rotation that was interrupted anywhere is finished first.  Raises RotationRunning.
        """
        return await self._epochs.rotate()

    async def _keep(self, initiative: str, partner: str, clients: Mapping[str, str]) -> None:
        """Keep own ids in full, each given as `own:<id>` with its client: sealed, for this partner to be shown."""
        if not clients:
            return
        keys = await self.keys(initiative, clients.values())
        sealed = [
            (
                self._own(initiative, partner, name),
                seal_own(keys[client], Holder(initiative, partner, client), name.removeprefix(OWN)),
            )
            for name, client in clients.items()
            if client in keys
        ]
        if sealed:
            await self._store.keep_own((initiative, partner), sealed)

    def _held(self, initiative: str, owners: Iterable[str]) -> dict[str, DataKey]:
        held = ((owner, self._cache.get((initiative, owner))) for owner in owners)
        return {owner: key for owner, key in held if key is not None}

    def _hold(self, initiative: str, keys: Mapping[str, DataKey], reading: Reading) -> None:
        self._cache.put({(initiative, owner): key for owner, key in keys.items()}, reading)

    async def _made(self, initiative: str, owners: Sequence[str]) -> dict[str, Wrapped | None]:
        """Make keys for owners without one; another process's, made at the same time, are as good."""
        stored: dict[str, Wrapped | None] = {}
        missing = list(owners)
        for _ in range(TRIES):
            if not missing:
                return stored
            epoch = await self._epochs.current()
            fresh = {owner: epoch.fresh(initiative, owner) for owner in missing}
            added = await self._store.add_keys(initiative, epoch.number, list(fresh.values()))
            stored |= {owner: fresh[owner] for owner in added}
            missing = [owner for owner in missing if owner not in stored]
            if missing:
                stored |= await self._store.keys(initiative, missing)
                missing = [owner for owner in missing if owner not in stored]
            if missing:
                # Nothing was kept, so the epoch is no longer the one in use.
                self._epochs.renew()
        raise Away("the epoch changed too often")

    async def _unwrapped(self, initiative: str, stored: Mapping[str, Wrapped | None]) -> dict[str, DataKey]:
        try:
            return self._unwrap(stored)
        except SecretMissing:
            # A rotation moved the keys and destroyed their epoch's between the query and now.
            return self._unwrap(await self._store.keys(initiative, list(stored)))

    def _unwrap(self, stored: Mapping[str, Wrapped | None]) -> dict[str, DataKey]:
        return {owner: self._epochs.unwrap(wrapped) for owner, wrapped in stored.items() if wrapped is not None}

    def _keyed(self, initiative: str, partner: str, name: str) -> str | bytes:
        return self._own(initiative, partner, name) if name.startswith(OWN) else name

    def _own(self, initiative: str, partner: str, name: str) -> bytes:
        """Return what a partner's own id is found by: the id itself is nowhere in clear."""
        return keyed_hash(self._ids, "own client", initiative, partner, name.removeprefix(OWN))

    @cached_property
    def _ids(self) -> Keyed:
        """The key of own ids: read at its first use, when it is known to be this database's."""
        return Keyed(self._secrets.ids)


def _opened(key: DataKey | None, holder: Holder, sealed: bytes | None) -> str | None:
    return None if key is None or sealed is None else open_own(key, holder, sealed)
