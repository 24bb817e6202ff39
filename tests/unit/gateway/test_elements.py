"""An array's elements are what a JSON parser finds in it, and nothing else passes for one."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway import elements as module
from services.gateway.elements import elements
from services.gateway.problems import ProblemError

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(st.lists(VALUES), st.sampled_from([None, 1]))
async def test_elements_are_those_of_a_parser(values: list[Any], indent: int | None) -> None:
    found = await elements(json.dumps(values, indent=indent).encode())
    assert [json.loads(each) for each in found] == values


@given(st.lists(st.sampled_from(["[", "]", "{", "}", ",", '"', "\\", "1", " ", '"a"'])).map("".join))
async def test_what_a_parser_takes_is_taken_and_what_is_taken_is_an_array_around(text: str) -> None:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    try:
        found = await elements(text.encode())
    except ProblemError:
        assert not isinstance(value, list)
        return
    if isinstance(value, list):
        assert [json.loads(each) for each in found] == value
    else:
        assert any(not _is_json(each) for each in found)


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("text", ["", "{}", "[", "]", "[1,]", "[,1]", "[1][2]", '["', "[1}", "[]x", "x[]"])
async def test_no_array_is_taken(text: str) -> None:
    with pytest.raises(ProblemError) as raised:
        await elements(text.encode())
    assert raised.value.code == "not-json"


async def test_too_many_elements_are_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    assert len(await elements(b"[1,2,3]")) == 3
    with pytest.raises(ProblemError) as raised:
        await elements(b"[1,2,3,4]")
    assert raised.value.code == "body-too-large"
