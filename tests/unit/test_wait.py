import pytest

from tests.support.wait import until


async def test_until_returns_the_first_true_answer() -> None:
    answers = iter([0, "", None, 7])
    assert await until(lambda: next(answers)) == 7


async def test_until_awaits_what_has_to_be_awaited() -> None:
    async def answer() -> str:
        return "yes"

    assert await until(answer) == "yes"


async def test_until_names_what_did_not_come() -> None:
    with pytest.raises(AssertionError, match="the board"):
        await until(lambda: False, 0.01, "the board")
