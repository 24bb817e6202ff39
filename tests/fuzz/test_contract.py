"""The API keeps to its own description, whatever it is asked; `make fuzz` asks more."""

from tests.fuzz.contract import SLICE, asked
from tests.fuzz.target import Target


async def test_answers_are_as_the_description_says(target: Target) -> None:
    assert await asked(target, SLICE) == []
