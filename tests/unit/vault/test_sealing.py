"""Sealed text: its exact form, where it opens, and that nothing else can be made to open."""

import base64
import pickle
import traceback
from typing import Literal

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from events.fields import LONGEST_TEXT, Sealed
from services.vault import DataKey, SealInvalid, SealPlace, TextUnfit, seal, unseal
from services.vault.sealing import associated_data, decoded, encoded, masked, padded, unmasked
from tests.unit.vault.places import KID, PARTS, PLACE, SECRET, elsewhere, key, opens_only_in_its_place

CANARY = "Alva Canary"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=LONGEST_TEXT)
#: Version, initiative, owner, source, event id, type, pointer, kid: each with its length in 4 bytes before it.
BY_HAND = (
    b"\x00\x00\x00\x01\x01"
    b"\x00\x00\x00\x05north"
    b"\x00\x00\x00\x240b7d3c55-5f0e-4f6e-9d58-0a4e4a7d9d01"
    b"\x00\x00\x00\x1curn:manyhands:partner:clinic"
    b"\x00\x00\x00\x247f1f6a52-9a3e-8c41-b1a5-6cf3f1f0c002"
    b"\x00\x00\x00\x22org.manyhands.client.registered.v1"
    b"\x00\x00\x00\x0d/data/details"
    b"\x00\x00\x00\x10\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"
)


class Unbound(DataKey):
    """A key that leaves the associated data out: its texts open anywhere."""

    def encrypt(self, nonce: bytes, plain: bytes, associated: bytes) -> bytes:
        return super().encrypt(nonce, plain, b"")

    def decrypt(self, nonce: bytes, sealed: bytes, associated: bytes) -> bytes:
        return super().decrypt(nonce, sealed, b"")


class Named(DataKey):
    """A key that hands out its own name."""

    def mask(self, place: SealPlace) -> str:
        return self.name


def shares_nothing_between_places(held: DataKey) -> None:
    """Hold a key's texts, as they are handed out for places that differ in one part, to having nothing in common."""
    places = [PLACE, *(elsewhere(part) for part in PARTS)]
    said = [masked(held, place, seal(held, place, CANARY)) for place in places]
    for part in ("kid", "nonce", "ct"):
        assert len({getattr(each, part) for each in said}) == len(places), part
    assert held.name not in {each.kid for each in said}


def changed(text: str, place: int) -> str:
    """Return base64url text with the byte at this place flipped."""
    raw = bytearray(decoded(text))
    raw[place] ^= 1
    return encoded(bytes(raw))


def test_associated_data_is_laid_out_as_written_by_hand() -> None:
    assert associated_data(PLACE, KID) == BY_HAND


def test_sealed_text_opens_with_nothing_but_the_published_form() -> None:
    sealed = seal(DataKey(KID, SECRET), PLACE, CANARY)
    nonce, ct = (base64.urlsafe_b64decode(part + "==") for part in (sealed.nonce, sealed.ct))
    plain = AESGCM(SECRET).decrypt(nonce, ct, BY_HAND)
    assert plain == b"\x00\x00\x00\x0b" + CANARY.encode() + bytes(256 - 15)
    assert (sealed.v, sealed.alg, sealed.kid) == (1, "A256GCM", "AAECAwQFBgcICQoLDA0ODw")


@given(TEXTS)
def test_any_text_comes_back(text: str) -> None:
    held = key()
    assert unseal(held, PLACE, seal(held, PLACE, text)) == text


def test_longest_text_of_widest_characters_fits_the_field() -> None:
    held = key()
    text = "\U0001f9d1" * LONGEST_TEXT
    assert unseal(held, PLACE, seal(held, PLACE, text)) == text


def test_sealed_text_opens_only_in_its_place() -> None:
    opens_only_in_its_place(key())


def test_place_test_notices_when_associated_data_is_left_out() -> None:
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        opens_only_in_its_place(Unbound(KID, SECRET))


def test_texts_of_one_person_share_nothing_as_they_are_handed_out() -> None:
    shares_nothing_between_places(DataKey(KID, SECRET))


def test_test_of_masks_notices_a_key_that_shows_its_name() -> None:
    with pytest.raises(AssertionError, match="kid"):
        shares_nothing_between_places(Named(KID, SECRET))


def test_masked_text_comes_back_to_its_place_alone() -> None:
    held = DataKey(KID, SECRET)
    sealed = seal(held, PLACE, CANARY)
    given = masked(held, PLACE, sealed)
    assert unmasked(held, PLACE, given) == sealed
    assert given.kid == masked(held, PLACE, seal(held, PLACE, "another text")).kid
    for part in PARTS:
        with pytest.raises(SealInvalid):
            unmasked(held, elsewhere(part), given)
    with pytest.raises(SealInvalid):
        unmasked(DataKey(KID, bytes(32)), PLACE, given)


def test_text_under_its_keys_own_name_is_still_taken() -> None:
    held = DataKey(KID, SECRET)
    sealed = seal(held, PLACE, CANARY)
    assert unmasked(held, PLACE, sealed) == sealed
    with pytest.raises(SealInvalid):
        unmasked(held, PLACE, sealed.model_copy(update={"kid": encoded(bytes(16))}))


@pytest.mark.parametrize("part", ["nonce", "ct"])
@pytest.mark.parametrize("place", [0, -1])
def test_tampered_text_does_not_open(part: Literal["nonce", "ct"], place: int) -> None:
    held = key()
    sealed = seal(held, PLACE, CANARY)
    tampered = sealed.model_copy(update={part: changed(getattr(sealed, part), place)})
    with pytest.raises(SealInvalid):
        unseal(held, PLACE, tampered)


def test_another_persons_key_does_not_open() -> None:
    sealed = seal(key(), PLACE, CANARY)
    with pytest.raises(SealInvalid):
        unseal(key(), PLACE, sealed)


def test_another_key_under_the_same_name_does_not_open() -> None:
    sealed = seal(DataKey(KID, SECRET), PLACE, CANARY)
    with pytest.raises(SealInvalid):
        unseal(DataKey(KID, bytes(32)), PLACE, sealed)


def test_text_written_in_another_form_of_base64_does_not_open() -> None:
    held = key()
    sealed = seal(held, PLACE, CANARY)
    # 272 bytes end in four spare bits: several last letters decode to the same bytes.
    other = sealed.ct[:-1] + chr(ord(sealed.ct[-1]) + 1)
    assert base64.urlsafe_b64decode(other + "=") == base64.urlsafe_b64decode(sealed.ct + "=")
    with pytest.raises(SealInvalid):
        unseal(held, PLACE, sealed.model_copy(update={"ct": other}))


def test_nonce_is_new_every_time() -> None:
    held = key()
    assert len({seal(held, PLACE, CANARY).nonce for _ in range(10_000)}) == 10_000


def test_padding_hides_the_length() -> None:
    held = key()
    assert len({len(seal(held, PLACE, "x" * count).ct) for count in range(252)}) == 1
    assert [len(padded("x" * count)) for count in (0, 252, 253, 508, 509)] == [256, 256, 512, 512, 768]


def test_text_over_the_limit_is_not_sealed() -> None:
    with pytest.raises(TextUnfit):
        seal(key(), PLACE, "x" * (LONGEST_TEXT + 1))


@pytest.mark.parametrize("text", [f"{CANARY} \ud800", CANARY * 1000])
def test_unfit_text_is_in_no_exception(text: str) -> None:
    with pytest.raises(TextUnfit) as caught:
        seal(key(), PLACE, text)
    assert CANARY not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__context__ is None


def test_failing_to_open_says_nothing_of_key_or_text() -> None:
    held = DataKey(KID, SECRET)
    sealed = seal(held, PLACE, CANARY)
    with pytest.raises(SealInvalid) as caught:
        unseal(held, PLACE, sealed.model_copy(update={"ct": changed(sealed.ct, 0)}))
    shown = "".join(traceback.format_exception(caught.value)) + repr(held) + str(held) + repr(sealed)
    assert CANARY not in shown
    assert repr(SECRET) not in shown
    assert SECRET.hex() not in shown


def test_key_cannot_be_pickled_away() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(key())


def test_sealed_text_is_a_valid_field_of_an_event() -> None:
    sealed = seal(key(), PLACE, CANARY)
    assert Sealed.model_validate_json(sealed.model_dump_json()) == sealed
