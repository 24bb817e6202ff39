"""The scenes in their order: what has to be begun early, and what is shown at the end."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass

from services.ops.demo.report import Figures
from services.ops.demo.scenes import (
    accounts,
    again,
    batch,
    claimed,
    consent,
    deadline,
    gone,
    handshake,
    journey,
    late,
    leaving,
    link,
    oneperson,
    outside,
    own,
    putright,
    rates,
    room,
    runsout,
    sealed,
    sheet,
    worklist,
)
from services.ops.demo.scenes.backbone import Registrar, registrars
from services.ops.demo.scenes.block import Block, sure
from services.ops.demo.scenes.case import DETAILS, Case
from services.ops.demo.scenes.desk import Offered
from services.ops.demo.scenes.house import SENDER, House

Scene = Callable[[], Awaitable[Block]]


@dataclass(frozen=True)
class Begun:
    """What waits for its scene."""

    clock: deadline.Waits
    unclaimed: Offered
    runs_out: runsout.Waits


@dataclass(frozen=True)
class Later:
    """What waits for its scene, and could not be begun before the history was loaded."""

    left: Offered
    gone: gone.Waits
    registrars: tuple[Registrar, Registrar]


async def begun(house: House) -> Begun:
    """Say what takes a while to come to something: it does so while the history is loaded."""
    # The gateway reads of the opening by itself; whoever joined last is the last of it.
    await (await house.desk(SENDER)).finds(house.partners[-1])
    waits = Begun(await deadline.begun(house), await late.begun(house), await runsout.begun(house))
    await worklist.begun(house)
    return waits


async def played(house: House, waits: Begun, step: Callable[[int, int], None]) -> list[Block]:
    """Play every scene and return what each shows; `step` is told how many are over, of how many.

    Raises DemoFailed when one of them does not show what it should, or shows what is sealed.
    """
    case = Case(await house.desk(SENDER))
    helpers = [house.partner(name) for name in (link.HELPER, consent.HELPER)]
    await case.sender.know(case.own, DETAILS, helpers)
    scenes = _scenes(house, case, waits, await _later(house))
    blocks: list[Block] = []
    for number, scene in enumerate(scenes):
        step(number, len(scenes))
        blocks.append(await scene())
    step(len(scenes), len(scenes))
    return blocks


async def _later(house: House) -> Later:
    """Have a partner mailed and two others leave: processes that look every few seconds do the rest."""
    decide = await registrars(house)
    await room.begun(house)
    return Later(await leaving.begun(house, decide[0]), await gone.begun(house, decide[0]), decide)


def _scenes(house: House, case: Case, waits: Begun, later: Later) -> list[Scene]:
    """Return the scenes in their order: hers first, then those of others, and the figures of all."""
    return [
        lambda: link.play(house, case),
        lambda: own.play(house, case),
        lambda: consent.play(house, case),
        lambda: journey.play(case),
        lambda: accounts.play(house, case),
        lambda: sheet.play(case),
        lambda: claimed.play(house),
        lambda: late.play(house, waits.unclaimed),
        lambda: handshake.play(house),
        lambda: again.play(house),
        lambda: putright.play(house),
        lambda: outside.play(house),
        lambda: oneperson.play(house, later.registrars),
        lambda: room.play(house),
        lambda: leaving.play(house, later.left),
        lambda: gone.play(house, later.gone),
        lambda: deadline.play(house, waits.clock),
        lambda: runsout.play(house, waits.runs_out),
        lambda: batch.play(house),
        lambda: worklist.play(house),
        lambda: rates.play(house),
    ]


def checked(figures: Figures, blocks: list[Block], said: list[str]) -> None:
    """Raise DemoFailed when anything that is about to be shown holds sealed text that its reader may not see."""
    found = sealed.leaks(str(asdict(figures)), said)
    sure(not found, "The report", f"it would show {len(found)} sealed texts")
    for block in blocks:
        found = sealed.leaks(str(asdict(block) | {"readable": ()}), said, block.readable)
        sure(not found, block.title, f"it would show {len(found)} sealed texts")
