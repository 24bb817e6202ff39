"""A slice of the hostile requests; `make fuzz` sends two hundred thousand of them."""

from services.runtime.settings import Settings
from tests.fuzz.drive import Drive, still_answers
from tests.fuzz.requests import Hostiles
from tests.fuzz.target import Target, targeted

COUNT = 2000


async def test_nobody_is_harmed_by_what_comes_in(target: Target) -> None:
    summary = await Drive(target.gate, Hostiles(1, target.system)).run(COUNT)
    assert not summary.complaints, "\n".join(summary.complaints[:20])
    assert await still_answers(target.gate, target.system)
    kinds = {kind for kind, _ in summary.answers}
    assert {status for _, status in summary.answers} >= {200, 400, 401, 404, 405, 413, 415, 422}
    assert len(kinds) > 9


async def test_a_gateway_that_minds_nothing_is_found_out(settings: Settings) -> None:
    async with targeted(settings, "tests.fuzz.frail") as target:
        summary = await Drive(target.gate, Hostiles(1, target.system)).run(COUNT // 5)
    assert any("was answered 500" in each for each in summary.complaints)
    assert any("counted" in each for each in summary.complaints)
    assert any("stands in its log" in each for each in summary.complaints)
