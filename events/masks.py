"""Ids that several would know by one name, under a name of each one's own: pure, and read back under the same key.

A mask looks like the id, but for two bits that no UUID of RFC 9562 has so.
"""

from collections.abc import Iterable

from events.ids import Keyed, keyed_hash

#: The two bits of the variant: as every UUID of the RFC has them, and as masks do.
_RFC, _MASK = 0b10, 0b11
_VARIANT_AT, _HALF = 62, 63
_LOW, _HALF_MASK = (1 << _VARIANT_AT) - 1, (1 << _HALF) - 1
#: More than the four that make a permutation nobody can tell from a random one.
_ROUNDS = 8
#: Versions that the RFC knows: what comes out of text that never was a mask mostly has another one.
_VERSIONS = range(1, 9)


def masked_id(keyed: Keyed, id_: str, *scope: str) -> str:
    """Return the id's name within the scope; one that is no UUID of the RFC stays as it is."""
    payload, variant = _parts(id_)
    return id_ if variant != _RFC else _text(_turned(keyed, payload, scope, range(_ROUNDS)), _MASK)


def unmasked_id(keyed: Keyed, said: str, *scope: str) -> str:
    """Return the id that has this name within the scope; anything else stands for itself."""
    payload, variant = _parts(said)
    if variant != _MASK:
        return said
    found = _text(_swapped(_turned(keyed, _swapped(payload), scope, reversed(range(_ROUNDS)))), _RFC)
    return found if int(found[14], 16) in _VERSIONS else said


def _turned(keyed: Keyed, payload: int, scope: tuple[str, ...], rounds: Iterable[int]) -> int:
    """Return the payload after these rounds of a Feistel network."""
    left, right = payload >> _HALF, payload & _HALF_MASK
    for number in rounds:
        mixed = int.from_bytes(keyed_hash(keyed, "mask", *scope, f"{number}:{right:016x}")[:8], "big") & _HALF_MASK
        left, right = right, left ^ mixed
    return left << _HALF | right


def _swapped(payload: int) -> int:
    return (payload & _HALF_MASK) << _HALF | payload >> _HALF


def _parts(id_: str) -> tuple[int, int]:
    """Return the 126 bits beside the variant, and the variant."""
    whole = int(id_.replace("-", ""), 16)
    return whole >> 64 << _VARIANT_AT | whole & _LOW, whole >> _VARIANT_AT & 0b11


def _text(payload: int, variant: int) -> str:
    whole = payload >> _VARIANT_AT << 64 | variant << _VARIANT_AT | payload & _LOW
    text = f"{whole:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
