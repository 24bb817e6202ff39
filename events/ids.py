"""Ids that say nothing: derived by a keyed hash, so they are stable over retries and cannot be guessed."""

import hmac
from collections.abc import Iterable
from hashlib import sha256
from uuid import UUID


def keyed_hash(key: bytes, parts: Iterable[bytes]) -> bytes:
    """Return HMAC-SHA-256 over the parts, each with its length before it so that no two splits agree."""
    message = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return hmac.digest(key, message, sha256)


def derived_id(key: bytes, *parts: str) -> str:
    """Return the UUIDv8 (RFC 9562 §5.8) of the parts under this key, such as (initiative, source, kind, id)."""
    raw = bytearray(keyed_hash(key, (part.encode("utf-8") for part in parts))[:16])
    raw[6] = (raw[6] & 0x0F) | 0x80
    raw[8] = (raw[8] & 0x3F) | 0x80
    return str(UUID(bytes=bytes(raw)))
