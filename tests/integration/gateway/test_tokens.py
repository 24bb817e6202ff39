"""Tokens: known by their hash alone, and worth nothing once they ended."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from services.gateway.parts import Parts
from services.gateway.tokens import Holder

HOLDER = Holder("riverbend", "clinic", None, frozenset({"event.post"}))


async def test_token_names_its_holder(parts: Parts) -> None:
    issued = await parts.tokens.issue(HOLDER)
    assert await parts.tokens.holder(issued.text) == (issued.prefix, HOLDER)
    assert issued.text not in repr(issued)


@pytest.mark.parametrize("change", [lambda t: t[:-1] + ("A" if t[-1] != "A" else "B"), lambda t: t + "A", lambda t: ""])
async def test_another_text_names_nobody(parts: Parts, change: Callable[[str], str]) -> None:
    issued = await parts.tokens.issue(HOLDER)
    assert await parts.tokens.holder(change(issued.text)) is None


async def test_expired_token_is_worth_nothing(parts: Parts) -> None:
    issued = await parts.tokens.issue(HOLDER, timedelta(seconds=-1))
    assert await parts.tokens.holder(issued.text) is None


async def test_revoked_token_is_worth_nothing(parts: Parts) -> None:
    issued = await parts.tokens.issue(HOLDER)
    assert await parts.tokens.revoke(issued.prefix)
    assert await parts.tokens.holder(issued.text) is None
    assert not await parts.tokens.revoke("aaaaaaaa")


async def test_two_of_a_line_are_valid_at_most(parts: Parts) -> None:
    first = await parts.tokens.issue(HOLDER)
    second = await parts.tokens.rotate(first.prefix)
    assert second is not None
    third = await parts.tokens.rotate(second.prefix)
    assert third is not None
    valid = [await parts.tokens.holder(each.text) is not None for each in (first, second, third)]
    assert valid == [False, True, True]
    assert await parts.tokens.rotate(first.prefix) is None


async def test_of_many_who_replace_a_token_at_once_one_does(parts: Parts) -> None:
    first = await parts.tokens.issue(HOLDER)
    rotations = (parts.tokens.rotate(first.prefix) for _ in range(8))
    made = await asyncio.gather(*rotations, return_exceptions=True)
    assert sorted(type(each).__name__ for each in made) == ["AlreadyReplaced"] * 7 + ["Issued"]
    listed = await parts.tokens.list("riverbend", "clinic")
    assert len([each for each in listed if each.revoked is None]) == 2


async def test_token_whose_successor_was_taken_back_is_replaced_anew(parts: Parts) -> None:
    first = await parts.tokens.issue(HOLDER)
    lost = await parts.tokens.rotate(first.prefix)
    assert lost is not None
    await parts.tokens.revoke(lost.prefix)
    second = await parts.tokens.rotate(first.prefix)
    assert second is not None
    valid = [await parts.tokens.holder(each.text) is not None for each in (first, lost, second)]
    assert valid == [True, False, True]


async def test_token_s_text_is_nowhere_in_the_database(parts: Parts) -> None:
    issued = await parts.tokens.issue(HOLDER)
    rows = await parts.pool.fetch("select t::text from keep.token t")
    assert issued.prefix in str(rows)
    assert issued.text.split("_", 2)[2] not in str(rows)
