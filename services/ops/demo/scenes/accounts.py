"""The account of disclosures: to whom anything about one client was shown, and under which consent."""

import asyncio
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from services.disclosure.account import PERIOD
from services.disclosure.whole import START
from services.ops.accounted import Found, Wanted, read
from services.ops.demo.scenes.block import Block, Line, sure
from services.ops.demo.scenes.case import Case
from services.ops.demo.scenes.house import House
from services.ops.demo.world import ZONE
from services.ops.shown import in_zone
from services.ops.zone import zone_named

TITLE = "Who was given or shown what about her"
#: Lines shown; those read for it; and seconds between two looks at an account that is behind.
LINES, READ, LOOK_S = 8, 50, 0.2


async def play(house: House, case: Case) -> Block:
    """Show the first lines of it, the latest first.  Raises DemoFailed."""
    found = await _whole(house, case)
    readers = {each["reader"].rsplit(":", 1)[-1] for each in found.lines if each["reader"]}
    sure({"cedar-shelter", "cedar-food-bank"} <= readers, TITLE, f"it names {sorted(readers)} alone")
    kinds = {each["kind"] for each in found.lines}
    sure({"referral.offer_sent", "disclosure.opened"} <= kinds, TITLE, f"it tells of {sorted(kinds)} alone")
    lines = [_line(said, list(each)) for said, each in groupby(found.lines, _said)][:LINES]
    command = f"manyhands disclosures {case.own} --as {case.sender.partner.id}"
    return Block(TITLE, (*lines, ("in all", f"{len(found.lines)} lines: {command}")))


def _said(each: dict[str, Any]) -> str:
    """Return who was shown what, in words."""
    return f"{each['recipient']}: {each['description'].removeprefix('Shown: ')}"


def _line(said: str, times: Sequence[dict[str, Any]]) -> Line:
    """Return what was shown several times in a row as one line, with the latest time."""
    latest = in_zone(times[0], zone_named(ZONE))["disclosed"]
    return f"{latest:%H:%M:%S}", f"{said} ({len(times)} times)" if len(times) > 1 else said


async def _whole(house: House, case: Case) -> Found:
    """Return the account once everything on record is in it."""
    wanted = Wanted(case.own, case.sender.partner.id, None, PERIOD.days, START, READ)
    while True:
        found = await read(house.settings, wanted)
        if not found.behind:
            return found
        await asyncio.sleep(LOOK_S)
