"""Data keys, and how an epoch's key wraps them for PostgreSQL.  Pure but for the operating system's randomness."""

import os
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.vault.errors import SecretsForeign
from services.vault.sealing import KID_BYTES, NONCE_BYTES, DataKey, framed

_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A data key as it is stored: of no use without its epoch's key."""

    initiative: str
    owner: str
    kid: bytes
    epoch: int
    #: Nonce, encrypted key and tag.
    bytes: bytes


def throwaway() -> DataKey:
    """Return a key that is kept nowhere: what it seals is never opened."""
    return DataKey(os.urandom(KID_BYTES), os.urandom(_KEY_BYTES))


class Epoch:
    """One epoch's wrapping key, which never shows itself."""

    __slots__ = ("_cipher", "number")

    def __init__(self, number: int, secret: bytes) -> None:
        self.number = number
        self._cipher = AESGCM(secret)

    def __repr__(self) -> str:
        return f"Epoch({self.number})"

    def wrap(self, initiative: str, owner: str, kid: bytes, secret: bytes) -> Wrapped:
        """Encrypt a data key for this owner."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, secret, _bound(initiative, owner, kid, self.number))
        return Wrapped(initiative, owner, kid, self.number, nonce + sealed)

    def unwrap(self, wrapped: Wrapped) -> DataKey:
        """Return the data key, ready for use.  Raises SecretsForeign when this epoch's key did not wrap it."""
        return DataKey(wrapped.kid, self._open(wrapped))

    def rewrap(self, wrapped: Iterable[Wrapped], into: "Epoch") -> list[Wrapped]:
        """Move data keys from this epoch to another.  Raises SecretsForeign as `unwrap` does."""
        return [into.wrap(row.initiative, row.owner, row.kid, self._open(row)) for row in wrapped]

    def fresh(self, initiative: str, owner: str) -> Wrapped:
        """Make a new data key for this owner."""
        return self.wrap(initiative, owner, os.urandom(KID_BYTES), os.urandom(_KEY_BYTES))

    def _open(self, wrapped: Wrapped) -> bytes:
        bound = _bound(wrapped.initiative, wrapped.owner, wrapped.kid, wrapped.epoch)
        try:
            return self._cipher.decrypt(wrapped.bytes[:NONCE_BYTES], wrapped.bytes[NONCE_BYTES:], bound)
        except InvalidTag:
            raise SecretsForeign(f"a data key does not open with the key of epoch {self.number}") from None


def _bound(initiative: str, owner: str, kid: bytes, epoch: int) -> bytes:
    return framed([initiative.encode(), owner.encode(), kid, epoch.to_bytes(4, "big")])
