"""What was handed to one caller for one purpose is worth nothing to another, and cannot be made up."""

from base64 import urlsafe_b64decode
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.admission.publish import At
from services.gateway.binding import Binding
from services.gateway.consistency import Consistency
from services.gateway.principal import Kind, Principal
from services.gateway.problems import ProblemError
from services.runtime.settings import Settings

BINDING = Binding(bytes(32))
WHO = Principal(Kind.PARTNER_SYSTEM, "riverbend", "clinic", None, frozenset(), "token:aaaaaaaa")
CONSISTENCY = Consistency(Settings(Path("/"), "k", "p", topic_prefix="t."), BINDING)


@given(st.binary(max_size=200))
def test_caller_gets_back_what_it_was_given(payload: bytes) -> None:
    text = BINDING.bind("cursor", WHO, payload)
    assert BINDING.unbind("cursor", WHO, text) == payload
    assert BINDING.unbind("cursor", replace(WHO, credential="token:bbbbbbbb"), text) == payload


@pytest.mark.parametrize(
    "other",
    [
        replace(WHO, kind=Kind.STAFF),
        replace(WHO, initiative="elsewhere"),
        replace(WHO, partner="shelter"),
        replace(WHO, partner=None),
        replace(WHO, actor="somebody"),
        replace(WHO, initiative="riverbendc", partner="linic"),
    ],
)
def test_nobody_else_gets_it(other: Principal) -> None:
    text = BINDING.bind("cursor", WHO, b"payload")
    assert BINDING.unbind("cursor", other, text) is None
    assert BINDING.unbind("consistency", WHO, text) is None
    assert Binding(bytes([1]) * 32).unbind("cursor", WHO, text) is None


@given(st.text(max_size=80))
def test_nothing_is_made_up(text: str) -> None:
    assert BINDING.unbind("cursor", WHO, text) is None


def test_nobody_reads_what_is_in_it() -> None:
    payload = b"where others' referrals stand"
    text = BINDING.bind("cursor", WHO, payload)
    assert payload not in urlsafe_b64decode(text + "=" * (-len(text) % 4))
    assert text == BINDING.bind("cursor", WHO, payload)


def test_token_is_a_place_again() -> None:
    at = At("t.manyhands.cases", 7, 2**40)
    assert CONSISTENCY.at(WHO, CONSISTENCY.token(WHO, at)) == at


@pytest.mark.parametrize("payload", [b"", b"x", b"\xff" * 13])
def test_another_payload_is_no_token(payload: bytes) -> None:
    with pytest.raises(ProblemError) as raised:
        CONSISTENCY.at(WHO, BINDING.bind("consistency", WHO, payload))
    assert raised.value.code == "bad-token"
