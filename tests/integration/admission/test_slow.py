"""A log that answers slowly is read to its end: what is known in part would let nobody in."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from events.topics import INITIATIVES
from projections.record import Partition, Record
from services.admission.caller import System
from services.admission.directory import Directory
from services.admission.founding import rows
from services.admission.standing import Standing
from services.admission.wiring import opened
from services.runtime.placement import placement
from services.runtime.settings import Settings
from tests.support.admitting import FOUNDING, codes

PATIENCE = 1.0


class Slow(Directory):
    """Takes most of its patience over every piece of the log."""

    async def _project(self, partition: Partition, records: Sequence[Record]) -> None:
        await asyncio.sleep(0.7 * PATIENCE)
        await super()._project(partition, records)


class Strict(Slow):
    """Negative control: counts its patience from the beginning, whatever comes."""

    async def _catch_up(self, moved: Callable[[], None]) -> None:
        await super()._catch_up(lambda: None)


@pytest.mark.parametrize(("kind", "whole"), [(Slow, True), (Strict, False)])
async def test_directory_that_gets_on_is_waited_for(unfounded: Settings, kind: type[Directory], whole: bool) -> None:
    home = placement(unfounded.count(INITIATIVES))
    names = {home(name.encode()): name for name in (f"place-{each}" for each in range(30))}
    assert len(names) == 3
    async with kind(unfounded, patience=PATIENCE) as directory, opened(unfounded) as admission:
        for name in names.values():
            begun = rows(replace(FOUNDING, initiative=name), Standing(), datetime.now(UTC))
            assert set(codes(await admission.admit(System(name, "init"), begun))) == {None}
        directory._read_at = 0.0
        await directory.fresh()
        assert (directory.initiatives() == sorted(names.values())) == whole
