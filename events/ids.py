"""Ids that say nothing: derived by a keyed hash, so they are stable over retries and cannot be guessed."""

import hmac
from collections.abc import Iterable


def keyed_hash(key: bytes, parts: Iterable[bytes]) -> bytes:
    """Return HMAC-SHA-256 over the parts, each with its length before it so that no two splits agree."""
    message = b"".join([len(part).to_bytes(4, "big") + part for part in parts])
    return hmac.digest(key, message, "sha256")


def derived_id(key: bytes, *parts: str) -> str:
    """Return the UUIDv8 (RFC 9562 §5.8) of the parts under this key, such as (initiative, source, kind, id)."""
    raw = keyed_hash(key, [part.encode() for part in parts])
    text, variant = raw.hex(), "89ab"[raw[8] >> 4 & 3]
    return f"{text[:8]}-{text[8:12]}-8{text[13:16]}-{variant}{text[17:20]}-{text[20:32]}"
