"""Each partner's own name of what several know: read back by its owner's scope alone, and like no other's."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.ids import Keyed
from events.masks import masked_id, unmasked_id

KEY = Keyed(bytes(range(32)))
CLINIC, SHELTER = ("riverbend", "clinic", "consent"), ("riverbend", "shelter", "consent")
IDS = st.uuids(version=4).map(str) | st.uuids(version=5).map(str)
Mask = Callable[..., str]


@given(IDS)
def test_name_is_read_back_in_its_scope_and_says_nothing_elsewhere(id_: str) -> None:
    name = masked_id(KEY, id_, *CLINIC)
    assert (len(name), name == id_) == (36, False)
    assert unmasked_id(KEY, name, *CLINIC) == id_
    assert unmasked_id(KEY, name, *SHELTER) != id_
    assert unmasked_id(Keyed(bytes(32)), name, *CLINIC) != id_


@given(IDS)
def test_what_is_no_name_stands_for_itself(id_: str) -> None:
    assert unmasked_id(KEY, id_, *CLINIC) == id_
    name = masked_id(KEY, id_, *CLINIC)
    assert masked_id(KEY, name, *CLINIC) == name


def test_names_have_no_digit_in_common_beyond_chance() -> None:
    names = [masked_id(KEY, str(uuid4()), *scope) for scope in (CLINIC, SHELTER) for _ in range(500)]
    assert len(set(names)) == len(names)
    assert {name[19] for name in names} == set("cdef")
    for place in (0, 14, 35):
        assert {name[place] for name in names} == set("0123456789abcdef")


def shares_no_name(mask: Mask) -> None:
    """Hold the names that two partners have of one consent to being two."""
    id_ = str(uuid4())
    assert mask(KEY, id_, *CLINIC) != mask(KEY, id_, *SHELTER)


def test_two_partners_share_no_name_and_the_test_notices_where_they_do() -> None:
    shares_no_name(masked_id)
    with pytest.raises(AssertionError):
        shares_no_name(lambda _key, id_, *_scope: id_)
