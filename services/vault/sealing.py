"""Sealing text so that it opens in one place only.  Pure but for the nonce, which the operating system gives."""

import base64
import binascii
import hmac
import os
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from events.fields import LONGEST_TEXT, Sealed
from services.vault.errors import SealInvalid, TextUnfit

VERSION: Literal[1] = 1
NONCE_BYTES = 12
KID_BYTES = 16
#: Plaintexts are padded to a multiple of this, so that the length of a ciphertext says little.
BLOCK = 256
_VERSION_BYTE = bytes((VERSION,))
_LENGTH_BYTES = 4
_URLSAFE = bytes.maketrans(b"+/", b"-_")


@dataclass(frozen=True, slots=True)
class SealPlace:
    """Where sealed text stands, as it was first published: it opens nowhere else."""

    initiative: str
    #: The client, or the text's own id: whose key it is.
    owner: str
    source: str
    event_id: str
    #: The event's full type name.
    type: str
    #: JSON pointer from the event's root, such as `/data/details`.
    pointer: str


class DataKey:
    """The key of one owner, ready for use; it shows its name only."""

    __slots__ = ("_cipher", "_masking", "kid", "name")

    def __init__(self, kid: bytes, secret: bytes) -> None:
        self.kid = kid
        #: The kid as it stands in sealed text.
        self.name = encoded(kid)
        self._cipher = AESGCM(secret)
        self._masking = hmac.digest(secret, b"kid", sha256)

    def __repr__(self) -> str:
        return f"DataKey({self.name})"

    def encrypt(self, nonce: bytes, plain: bytes, associated: bytes) -> bytes:
        return self._cipher.encrypt(nonce, plain, associated)

    def decrypt(self, nonce: bytes, sealed: bytes, associated: bytes) -> bytes:
        """Raises cryptography's InvalidTag when key, text or associated data is another."""
        return self._cipher.decrypt(nonce, sealed, associated)

    def mask(self, place: SealPlace) -> str:
        """Return what stands for the key's name outside the house: another in each place, and random to others."""
        return encoded(hmac.digest(self._masking, associated_data(place, self.kid), sha256)[:KID_BYTES])


def seal(key: DataKey, place: SealPlace, text: str) -> Sealed:
    """Encrypt the text for this place.  Raises TextUnfit when it is too long or holds lone surrogates."""
    nonce = os.urandom(NONCE_BYTES)
    sealed = key.encrypt(nonce, padded(text), associated_data(place, key.kid))
    return Sealed(v=VERSION, alg="A256GCM", kid=key.name, nonce=encoded(nonce), ct=encoded(sealed))


def unseal(key: DataKey, place: SealPlace, sealed: Sealed) -> str:
    """Decrypt what was sealed for this place under this key.  Raises SealInvalid for anything else."""
    if sealed.kid != key.name:
        raise SealInvalid("sealed under another key")
    try:
        plain = key.decrypt(decoded(sealed.nonce), decoded(sealed.ct), associated_data(place, key.kid))
    except InvalidTag:
        raise SealInvalid("not sealed for this place") from None
    length = int.from_bytes(plain[:_LENGTH_BYTES], "big")
    return plain[_LENGTH_BYTES : _LENGTH_BYTES + length].decode()


def masked(key: DataKey, place: SealPlace, sealed: Sealed) -> Sealed:
    """Return what was sealed for this place as it may be handed out.

    A key has one name for all that is written about a person: those who hold texts would see that they have somebody
    in common.
    """
    return sealed.model_copy(update={"kid": key.mask(place)})


def unmasked(key: DataKey, place: SealPlace, sealed: Sealed) -> Sealed:
    """Return what was handed out as it stands on the log.  Raises SealInvalid unless it is of this key and place.

    What bears the key's own name was handed out before there were masks.
    """
    if sealed.kid == key.mask(place):
        sealed = sealed.model_copy(update={"kid": key.name})
    unseal(key, place, sealed)
    return sealed


def associated_data(place: SealPlace, kid: bytes) -> bytes:
    """Return what binds a ciphertext to its place: each part with its length before it."""
    return framed(
        (
            _VERSION_BYTE,
            place.initiative.encode(),
            place.owner.encode(),
            place.source.encode(),
            place.event_id.encode(),
            place.type.encode(),
            place.pointer.encode(),
            kid,
        )
    )


def framed(parts: Iterable[bytes]) -> bytes:
    """Join parts, each after its length as 4 bytes, so that no two lists of parts give the same bytes."""
    return b"".join([len(part).to_bytes(4, "big") + part for part in parts])


def padded(text: str) -> bytes:
    """Return length, UTF-8 and zeros up to the next whole block."""
    if len(text) > LONGEST_TEXT:
        raise TextUnfit(f"the text is longer than {LONGEST_TEXT} characters")
    plain = _utf8(text)
    if plain is None:
        raise TextUnfit("the text holds a lone surrogate")
    whole = len(plain).to_bytes(_LENGTH_BYTES, "big") + plain
    return whole + bytes(-len(whole) % BLOCK)


def _utf8(text: str) -> bytes | None:
    """Return None instead of raising: the error would hold the text, and no error may carry it on."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return None


def encoded(raw: bytes) -> str:
    """Return base64url without padding."""
    return binascii.b2a_base64(raw, newline=False).translate(_URLSAFE, b"=").decode()


def decoded(text: str) -> bytes:
    """Return the bytes of base64url without padding.  Raises SealInvalid when there is another way to write them."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise SealInvalid("not base64url") from None
    if encoded(raw) != text:
        raise SealInvalid("not base64url in its one form")
    return raw
