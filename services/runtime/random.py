"""Random texts that are shown once and kept as a hash."""

import secrets
from hashlib import sha256

#: 256 random bits, and the characters they are written in.
BYTES, LENGTH = 32, 43


def fresh() -> str:
    """Return a secret that nobody can guess."""
    return secrets.token_urlsafe(BYTES)


def hashed(text: str) -> bytes:
    """Return what is kept of it; secrets are random enough that no slow hash is needed."""
    return sha256(text.encode()).digest()
