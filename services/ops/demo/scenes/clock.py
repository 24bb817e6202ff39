"""What was said of a referral, and what of that by the clock: looked at until it is all there."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.ops.demo.scenes.desk import Offered
from services.ops.demo.scenes.house import House
from services.ops.demo.world import ZONE
from services.ops.reading import reading
from services.ops.shown import in_zone
from services.ops.zone import zone_named

#: What was said of a referral, the first first; each with its type, its source and when it happened.
Story = Sequence[Mapping[str, Any]]
CLOCK = "urn:manyhands:system:timekeeper"
#: Seconds in which the timekeeper must have said all of it, and between two looks.
PATIENCE_S, LOOK_S = 90.0, 0.25


async def story(house: House, asked: Offered, whole: Callable[[Story], bool]) -> Story:
    """Return what was said of the referral, once that is the whole or the timekeeper has had its time."""
    zone, clock = zone_named(ZONE), asyncio.get_running_loop().time
    until = clock() + PATIENCE_S
    async with reading(house.settings) as tables:
        while True:
            row = await tables.referral(asked.referral)
            found = await tables.timeline(row)
            if whole(found) or clock() > until:
                return [in_zone(each, zone) for each in found]
            await asyncio.sleep(LOOK_S)


def name_of(each: Mapping[str, Any]) -> str:
    """Return the event's name without its family."""
    return str(each["type"]).removeprefix("referral.")


def by_clock(found: Story) -> dict[str, datetime]:
    """Return what the clock said, by name, and when each was due."""
    return {name_of(each): each["happened"] for each in found if each["source"] == CLOCK}


def due(at: datetime) -> str:
    """Return in words that the clock said something, and when that was due."""
    return f"due {day_and_time(at)}, said by the timekeeper"


def day_and_time(at: datetime) -> str:
    """Return an instant as it is read there."""
    return f"{at:%d %B %H:%M}"
