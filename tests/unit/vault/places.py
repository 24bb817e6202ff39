"""Where sealed text may open, said once so that a broken seal can be held to it too."""

import dataclasses
import os

import pytest

from services.vault import DataKey, SealInvalid, SealPlace, seal, unseal

PLACE = SealPlace(
    initiative="north",
    owner="0b7d3c55-5f0e-4f6e-9d58-0a4e4a7d9d01",
    source="urn:manyhands:partner:clinic",
    event_id="7f1f6a52-9a3e-8c41-b1a5-6cf3f1f0c002",
    type="org.manyhands.client.registered.v1",
    pointer="/data/details",
)
KID = bytes(range(16))
SECRET = bytes(range(32))
PARTS = [part.name for part in dataclasses.fields(SealPlace)]


def key() -> DataKey:
    return DataKey(os.urandom(16), os.urandom(32))


def elsewhere(part: str) -> SealPlace:
    """Return the place with this one part changed by a letter."""
    return dataclasses.replace(PLACE, **{part: getattr(PLACE, part) + "x"})


def opens_only_in_its_place(with_key: DataKey) -> None:
    """Hold a key's sealed text to opening where it was sealed for and nowhere else."""
    sealed = seal(with_key, PLACE, "Alva Canary")
    assert unseal(with_key, PLACE, sealed) == "Alva Canary"
    for part in PARTS:
        with pytest.raises(SealInvalid):
            unseal(with_key, elsewhere(part), sealed)
