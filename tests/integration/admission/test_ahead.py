"""A log of initiatives that a newer build wrote to: nothing behind that is missed, and whoever needs it waits."""

import pytest

from services.admission.directory import Directory, UnknownOnLog
from services.runtime.settings import Settings
from tests.support.admitting import riverbend
from tests.support.ahead import foretold
from tests.support.events import INITIATIVE


async def test_what_stands_behind_an_unknown_type_is_not_missed(settings: Settings) -> None:
    clock = iter(range(0, 10_000, 10))
    async with riverbend(settings), Directory(settings, clock=lambda: next(clock)) as directory:
        before = directory.standing(INITIATIVE).offset
        await foretold(settings)
        for _ in range(3):
            with pytest.raises(UnknownOnLog, match="foretold"):
                await directory.fresh()
            assert directory.standing(INITIATIVE).offset == before
