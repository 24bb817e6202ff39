"""Data keys as they are stored: of use to nobody without their epoch's key, and to no other owner."""

import dataclasses
import os

import pytest

from services.vault.errors import SecretsForeign
from services.vault.keys import Epoch
from services.vault.sealing import seal, unseal
from tests.unit.vault.places import PLACE

OWNER = PLACE.owner


def test_wrapped_key_opens_what_it_sealed_before() -> None:
    epoch = Epoch(1, os.urandom(32))
    wrapped = epoch.fresh("north", OWNER)
    sealed = seal(epoch.unwrap(wrapped), PLACE, "Alva Canary")
    assert unseal(epoch.unwrap(wrapped), PLACE, sealed) == "Alva Canary"


def test_rewrapped_key_is_the_same_key_for_the_next_epoch_only() -> None:
    old, new = Epoch(1, os.urandom(32)), Epoch(2, os.urandom(32))
    wrapped = old.fresh("north", OWNER)
    sealed = seal(old.unwrap(wrapped), PLACE, "Alva Canary")
    [moved] = old.rewrap([wrapped], new)
    assert (moved.epoch, moved.kid) == (2, wrapped.kid)
    assert unseal(new.unwrap(moved), PLACE, sealed) == "Alva Canary"
    with pytest.raises(SecretsForeign):
        old.unwrap(moved)


def test_another_epochs_key_does_not_unwrap() -> None:
    wrapped = Epoch(1, os.urandom(32)).fresh("north", OWNER)
    with pytest.raises(SecretsForeign):
        Epoch(1, os.urandom(32)).unwrap(wrapped)


@pytest.mark.parametrize("change", [{"initiative": "south"}, {"owner": "x"}, {"kid": bytes(16)}, {"epoch": 2}])
def test_wrapped_key_moved_to_another_row_does_not_unwrap(change: dict[str, str | bytes | int]) -> None:
    epoch = Epoch(1, os.urandom(32))
    wrapped = epoch.fresh("north", OWNER)
    with pytest.raises(SecretsForeign):
        epoch.unwrap(dataclasses.replace(wrapped, **change))  # type: ignore[arg-type]


def test_every_key_is_new() -> None:
    epoch = Epoch(1, os.urandom(32))
    assert len({epoch.fresh("north", OWNER).kid for _ in range(1000)}) == 1000


def test_keys_show_their_names_only() -> None:
    secret = os.urandom(32)
    epoch = Epoch(7, secret)
    assert repr(epoch) == "Epoch(7)"
    assert repr(epoch.unwrap(epoch.fresh("north", OWNER))).startswith("DataKey(")
