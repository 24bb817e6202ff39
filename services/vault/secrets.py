"""The secrets that live outside PostgreSQL and its backups: one file each, for their owner's eyes only."""

import os
import re
import secrets as chance
import stat
from pathlib import Path

from services.vault.errors import SecretMissing, SecretsBroken, SecretsUnsafe

IDS = "ids.key"
CERTIFICATES = "certificates.key"
DOOR = "door.key"
LENGTH = 32
_EPOCH = re.compile(r"^epoch-([1-9][0-9]{0,8})\.key$")


class Secrets:
    """The keys in one folder, each made at its first use and never changed.

    Raises SecretsUnsafe when others could reach a file, and SecretsBroken when one is no key.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ids: bytes | None = None

    def __repr__(self) -> str:
        return f"Secrets({str(self._folder)!r})"

    @property
    def ids(self) -> bytes:
        """The key of every derived id and digest: backed up, never rotated."""
        if self._ids is None:
            self._ids = self._made(IDS)
        return self._ids

    @property
    def certificates(self) -> bytes:
        """The Ed25519 key that signs certificates of erasure: backed up, never rotated."""
        return self._made(CERTIFICATES)

    @property
    def door(self) -> bytes:
        """The key that authenticates what the gateway hands out to be shown again: losing it invalidates those only."""
        return self._made(DOOR)

    def has_ids(self) -> bool:
        """Tell whether that key exists, without making it."""
        return (self._folder / IDS).exists()

    def epochs(self) -> list[int]:
        """Return the numbers of the epoch keys that exist, the oldest first."""
        if not self._folder.exists():
            return []
        found = (_EPOCH.fullmatch(file.name) for file in self._folder.iterdir())
        return sorted(int(match[1]) for match in found if match)

    def epoch(self, number: int) -> bytes:
        """Return the key that wraps data keys in this epoch.  Raises SecretMissing when it is not there."""
        return self._read(_epoch(number))

    def make_epoch(self, number: int) -> bytes:
        """Return this epoch's key, made and on disk before it is returned."""
        return self._made(_epoch(number))

    def destroy_epoch(self, number: int) -> None:
        """Overwrite and remove an epoch's key; nothing happens when it is gone already."""
        path = self._folder / _epoch(number)
        try:
            with path.open("r+b") as file:
                file.write(bytes(LENGTH))
                file.flush()
                os.fsync(file.fileno())
        except FileNotFoundError:
            return
        path.unlink(missing_ok=True)
        self._sync()

    def _made(self, name: str) -> bytes:
        """Return the file's key, making folder and file when they are missing; of two makers the first one wins."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (self._folder / name).exists():
            self._write(name, chance.token_bytes(LENGTH))
        return self._read(name)

    def _write(self, name: str, key: bytes) -> None:
        """Put the whole key on disk under another name first, so that no crash leaves half of it under its own."""
        self._check(self._folder.lstat(), stat.S_IFDIR)
        draft = self._folder / f".{name}.{chance.token_hex(8)}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, self._folder / name)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        self._sync()

    def _read(self, name: str) -> bytes:
        try:
            self._check(self._folder.lstat(), stat.S_IFDIR)
            self._check((self._folder / name).lstat(), stat.S_IFREG)
            key = (self._folder / name).read_bytes()
        except FileNotFoundError:
            raise SecretMissing(f"{name} is not in {self._folder}") from None
        if len(key) != LENGTH:
            raise SecretsBroken(f"{name} has {len(key)} bytes where a key has {LENGTH}")
        return key

    def _check(self, found: os.stat_result, kind: int) -> None:
        if stat.S_IFMT(found.st_mode) != kind:
            raise SecretsUnsafe(f"{self._folder} holds something that is no plain file or folder")
        if found.st_mode & 0o077:
            raise SecretsUnsafe(f"{self._folder} or a file in it can be reached by others")

    def _sync(self) -> None:
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _epoch(number: int) -> str:
    return f"epoch-{number}.key"
