"""What a partner calls a client: a random alias, and its own id, sealed so that it alone can be shown it again.

Pure but for the nonce, which the operating system gives.
"""

import os
from dataclasses import dataclass, field
from typing import NamedTuple

from cryptography.exceptions import InvalidTag

from services.vault.sealing import NONCE_BYTES, DataKey, framed

#: Every own id is filled up to the longest, so that no length tells one from another.
LONGEST = 128
#: Tells this use of a person's key from others.
_USE = b"own id"


@dataclass(frozen=True, slots=True)
class Name:
    """What one partner calls a client."""

    #: Random, and worth nothing to anybody else.
    alias: str
    #: Its own id for them; None where it gave none, or not since these are kept.
    own: str | None = field(default=None, repr=False)

    @property
    def shown(self) -> str:
        """What its people know them by."""
        return self.own or self.alias


class Holder(NamedTuple):
    """Whose own id it is, and for whom: it opens for nobody else."""

    initiative: str
    partner: str
    client: str


def seal_own(key: DataKey, holder: Holder, own: str) -> bytes:
    """Encrypt an own id under the client's key."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + key.encrypt(nonce, own.encode().ljust(LONGEST, b"\0"), _bound(key, holder))


def open_own(key: DataKey, holder: Holder, sealed: bytes) -> str | None:
    """Return the own id, or None where it was sealed for somebody else."""
    try:
        plain = key.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _bound(key, holder))
    except InvalidTag:
        return None
    return plain.rstrip(b"\0").decode()


def _bound(key: DataKey, holder: Holder) -> bytes:
    return framed((_USE, *(part.encode() for part in holder), key.kid))
