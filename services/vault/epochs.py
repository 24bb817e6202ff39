"""Epochs: the keys outside PostgreSQL that wrap data keys inside it, and their monthly change.

A rotation goes: new file, new epoch in use, every living key moved, old files destroyed.  Each step is durable
before the next, and the next rotation finishes what an interrupted one left, so it may stop anywhere.
"""

from events.ids import Keyed, keyed_hash
from services.runtime.store import Pool
from services.vault.errors import SecretMissing, SecretsForeign
from services.vault.keys import Epoch, Wrapped
from services.vault.sealing import DataKey
from services.vault.secrets import Secrets
from services.vault.store import Fingerprint, VaultStore

#: Keys moved in one statement while rotating.
BATCH = 5000


class Epochs:
    """The epochs of one database, with the secrets folder checked against it before anything is used."""

    def __init__(self, store: VaultStore, secrets: Secrets) -> None:
        self._store = store
        self._secrets = secrets
        self._known: dict[int, Epoch] = {}
        self._current: Epoch | None = None
        self._ready = False

    async def ready(self) -> None:
        """Check once that these secrets belong to this database, naming them in a new one.

        Raises SecretMissing when one is gone and SecretsForeign when one is another's.
        """
        if not self._ready:
            await self._check_ids()
            await self.current()
            self._ready = True

    async def current(self) -> Epoch:
        """Return the epoch that wraps new keys; raises as `ready` does."""
        if self._current is None:
            self._current = await self._in_use()
        return self._current

    def renew(self) -> None:
        """Ask PostgreSQL again which epoch is in use: another process has begun a new one."""
        self._current = None

    def unwrap(self, wrapped: Wrapped) -> DataKey:
        """Return a data key, ready for use.  Raises SecretMissing when its epoch's key is destroyed."""
        return self._of(wrapped.epoch).unwrap(wrapped)

    async def rotate(self) -> int:
        """Change the epoch, finishing first what an earlier rotation left; return the new number."""
        await self.ready()
        async with self._store.rotating():
            self.renew()
            await self._finish(await self.current())
            number = (await self.current()).number + 1
            # On disk before PostgreSQL hears of it: a key wrapped by a file that is lost would be lost with it.
            secret = self._secrets.make_epoch(number)
            await self._store.advance(Fingerprint(number, fingerprint("epoch", secret)))
            self.renew()
            await self._finish(await self.current())
        return number

    async def _finish(self, current: Epoch) -> None:
        """Move what older epochs wrap; when nothing is left, destroy their keys."""
        while stale := await self._store.stale_keys(current.number, BATCH):
            moved = [row for old in stale for row in self._of(old.epoch).rewrap([old], current)]
            await self._store.rewrap(current.number, moved)
        for number in self._secrets.epochs():
            if number < current.number:
                self._secrets.destroy_epoch(number)
                self._known.pop(number, None)
        await self._store.forget_epochs(current.number)

    async def _check_ids(self) -> None:
        named = await self._store.secret("ids")
        if named is None:
            await self._store.claim("ids", Fingerprint(0, fingerprint("ids", self._secrets.ids)))
            named = await self._store.secret("ids")
        elif not self._secrets.has_ids():
            raise SecretMissing("ids.key is gone, and this database was made with it")
        _compare(named, fingerprint("ids", self._secrets.ids), "ids.key")

    async def _in_use(self) -> Epoch:
        named = await self._store.secret("epoch")
        if named is None:
            number = max(self._secrets.epochs(), default=1)
            secret = self._secrets.make_epoch(number)
            await self._store.claim("epoch", Fingerprint(number, fingerprint("epoch", secret)))
            named = await self._store.secret("epoch")
        if named is None:
            raise SecretsForeign("no epoch is in use")
        secret = self._secrets.epoch(named.number)
        _compare(named, fingerprint("epoch", secret), f"epoch-{named.number}.key")
        return self._of(named.number)

    def _of(self, number: int) -> Epoch:
        if number not in self._known:
            self._known[number] = Epoch(number, self._secrets.epoch(number))
        return self._known[number]


async def checked(pool: Pool, secrets: Secrets) -> str:
    """Say how the secrets stand to the database, making none.

    Raises SecretMissing and SecretsForeign, and VaultFault when others can read a file.
    """
    store = VaultStore(pool)
    ids, epoch = await store.secret("ids"), await store.secret("epoch")
    if ids is None or epoch is None:
        return "none are needed yet"
    if not secrets.has_ids():
        raise SecretMissing("ids.key is gone, and this database was made with it")
    _compare(ids, fingerprint("ids", secrets.ids), "ids.key")
    _compare(epoch, fingerprint("epoch", secrets.epoch(epoch.number)), f"epoch-{epoch.number}.key")
    return f"those of this database, in epoch {epoch.number}"


def fingerprint(kind: str, secret: bytes) -> bytes:
    """Return a keyed hash that is equal for the same secret and says nothing about it."""
    return keyed_hash(Keyed(secret), "secret", kind)


def _compare(named: Fingerprint | None, found: bytes, file: str) -> None:
    if named is None or named.hash != found:
        raise SecretsForeign(f"{file} is not the one that this database was made with")
