"""Which partition a key's records belong in: MurmurHash2 as Kafka's clients use it, computed in words of four bytes."""

from struct import unpack_from

_MIX, _SEED, _WORD = 0x5BD1E995, 0x9747B28C, 0xFFFFFFFF


def hashed(key: bytes) -> int:
    """Return the key's hash, from 0 to 2**32 - 1."""
    whole, rest = divmod(len(key), 4)
    found = _SEED ^ len(key)
    for word in unpack_from(f"<{whole}I", key):
        mixed = word * _MIX & _WORD
        found = (found * _MIX & _WORD) ^ ((mixed ^ mixed >> 24) * _MIX & _WORD)
    if rest:
        found = (found ^ int.from_bytes(key[4 * whole :], "little")) * _MIX & _WORD
    found = (found ^ found >> 13) * _MIX & _WORD
    return found ^ found >> 15


def place(key: bytes, partitions: int) -> int:
    """Return the number of the key's partition; the hash's sign does not count."""
    return hashed(key) % 2**31 % partitions
