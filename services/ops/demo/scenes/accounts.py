"""The account of disclosures: to whom anything about one client was shown, and under which consent."""

import asyncio

from services.disclosure.account import PERIOD
from services.ops.demo.scenes.block import Block, Line, sure
from services.ops.demo.scenes.case import Case
from services.ops.demo.scenes.house import House
from services.ops.demo.world import ZONE
from services.ops.disclosures import Found, Wanted, read
from services.ops.shown import in_zone
from services.ops.zone import zone_named

TITLE = "Who was shown what about her"
#: Lines shown; those read for it; and seconds between two looks at an account that is behind.
LINES, READ, LOOK_S = 5, 50, 0.2


async def play(house: House, case: Case) -> Block:
    """Show the first lines of it, the latest first.  Raises DemoFailed."""
    found = await _whole(house, case)
    readers = {each["reader"].rsplit(":", 1)[-1] for each in found.lines}
    sure({"cedar-shelter", "cedar-food-bank"} <= readers, TITLE, f"it names {sorted(readers)} alone")
    shown = [in_zone(each, zone_named(ZONE)) for each in found.lines[:LINES]]
    lines: list[Line] = [
        (f"{each['recorded']:%H:%M:%S}", f"{each['recipient']}: {each['description'].removeprefix('Shown: ')}")
        for each in shown
    ]
    command = f"manyhands disclosures {case.own} --as {case.sender.partner.id}"
    return Block(TITLE, (*lines, ("in all", f"{len(found.lines)} lines: {command}")))


async def _whole(house: House, case: Case) -> Found:
    """Return the account once everything on record is in it."""
    wanted = Wanted(case.own, case.sender.partner.id, None, PERIOD.days, None, READ)
    while True:
        found = await read(house.settings, wanted)
        if not found.behind:
            return found
        await asyncio.sleep(LOOK_S)
