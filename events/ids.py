"""Ids that say nothing: derived by a keyed hash, so they are stable over retries and cannot be guessed."""

from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC


class Keyed:
    """HMAC-SHA-256 under one key, which is worked in once instead of for every message."""

    __slots__ = ("_empty",)

    def __init__(self, key: bytes) -> None:
        self._empty = HMAC(key, SHA256())

    def digest(self, message: bytes) -> bytes:
        """Return the 32 bytes for this message."""
        hashing = self._empty.copy()
        hashing.update(message)
        return hashing.finalize()


def keyed_hash(keyed: Keyed, *parts: str) -> bytes:
    """Return the hash over one part or more, each with its length before it so that no two splits agree."""
    return keyed.digest(_framed(*parts[:-1]) + _frame(parts[-1]))


def derived_id(keyed: Keyed, *parts: str) -> str:
    """Return the UUIDv8 (RFC 9562 §5.8) of the parts under this key, such as (initiative, source, kind, id)."""
    raw = keyed_hash(keyed, *parts)
    text, variant = raw.hex(), "89ab"[raw[8] >> 4 & 3]
    return f"{text[:8]}-{text[8:12]}-8{text[13:16]}-{variant}{text[17:20]}-{text[20:32]}"


@lru_cache(maxsize=1000)
def _framed(*scope: str) -> bytes:
    """Return the parts before the last, which are the same for all that one source says."""
    return b"".join(map(_frame, scope))


def _frame(part: str) -> bytes:
    raw = part.encode()
    return len(raw).to_bytes(4, "big") + raw
