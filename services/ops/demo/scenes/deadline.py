"""Deadlines that pass: an offer that nobody answers, and help that was promised and did not begin."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from services.ops.demo.scenes.block import Block, Line, sure
from services.ops.demo.scenes.desk import Offered
from services.ops.demo.scenes.house import SENDER, House
from services.ops.demo.world import ZONE
from services.ops.errors import DemoFailed
from services.ops.reading import reading
from services.ops.shown import in_zone
from services.ops.zone import zone_named

TITLE = "A deadline passes"
SILENT, LATE = "birch-shelter", "birch-food-bank"
#: It was asked on paper so long ago, and is entered now; the last day for an answer is in a few seconds.
AGO, LEFT = timedelta(days=14), timedelta(seconds=3)
#: Days ago that the other one accepted, and the day by which it would have begun.
ACCEPTED, EXPECTED = timedelta(days=3), timedelta(days=1)
#: Seconds in which the timekeeper must have said all of it, and between two looks.
PATIENCE_S, LOOK_S = 90.0, 0.25
SAID = ("reminded", "escalated", "offer_expired")
MEANS = {
    "reminded": "recipient reminded",
    "escalated": "sender told",
    "offer_expired": "offer expired",
}


async def begun(house: House) -> Offered:
    """Ask two partners, of whom one never answers and the other is late; return what the first was asked."""
    now, sender = datetime.now(UTC), await house.desk(SENDER)
    silent, late = house.partner(SILENT), house.partner(LATE)
    await sender.know("own:case-2", "Tomasz Wiele, 555-0143", [silent, late], now - AGO)
    asked = await sender.refer("own:case-2", late, "Two small children.", now - AGO)
    desk = await house.desk(LATE)
    await desk.answer(asked, "offer_accepted", now - ACCEPTED, expected_by=(now - EXPECTED).isoformat())
    return await sender.refer("own:case-2", silent, "One bed.", now - AGO, datetime.now(UTC) + LEFT)


async def play(house: House, asked: Offered) -> Block:
    """Show what the timekeeper said of it.  Raises DemoFailed when it did not."""
    found = await _timeline(house, asked)
    return told(found, (await (await house.desk(SENDER)).get(f"/v1/referrals/{asked.referral}"))["next"])


def told(found: Sequence[dict[str, Any]], turn: dict[str, Any] | None) -> Block:
    """Return what the timeline, and whose turn it is, amount to.  Raises DemoFailed when the clock did not speak."""
    kept = {each["type"].removeprefix("referral."): each for each in found}
    sure(all(name in kept for name in SAID), TITLE, f"the timekeeper said {sorted(kept)} alone")
    by = {kept[name]["source"] for name in SAID}
    sure(by == {"urn:manyhands:system:timekeeper"}, TITLE, f"{by} spoke for the clock")
    sent = kept["offer_sent"]["happened"]
    lines: list[Line] = [("asked", f"{sent:%d %B}: {SENDER} asked {SILENT} for a bed; nobody answered")]
    lines += [(MEANS[name], f"due {kept[name]['happened']:%d %B %H:%M}, said by the timekeeper") for name in SAID]
    if turn is None or turn["who"] != "sender":
        raise DemoFailed(f"{TITLE}: the sender does not owe the next step")
    lines.append(("whose turn", f"{SENDER}'s, who may say {', '.join(turn['events'])}"))
    return Block(TITLE, tuple(lines))


async def _timeline(house: House, asked: Offered) -> list[dict[str, Any]]:
    """Return what was said of the referral, once it ended or the timekeeper has had its time."""
    zone, clock = zone_named(ZONE), asyncio.get_running_loop().time
    until = clock() + PATIENCE_S
    async with reading(house.settings) as tables:
        while True:
            row = await tables.referral(asked.referral)
            if row["detail"] == "expired-no-response" or clock() > until:
                return [in_zone(each, zone) for each in await tables.timeline(row)]
            await asyncio.sleep(LOOK_S)
