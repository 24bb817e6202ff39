"""An offer to a class that nobody claimed in time: a member claims it all the same, and it counts."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from services.ops.demo.scenes.block import Block, sure
from services.ops.demo.scenes.clock import Story, by_clock, day_and_time, due, name_of, story
from services.ops.demo.scenes.desk import Offered
from services.ops.demo.scenes.house import SENDER, House
from services.ops.demo.scenes.members import Class, Seen

TITLE = "Claimed after the deadline"
PERSON = ("own:case-11", "Bertil Nakamura, 555-0156")
CLASS = Class("transport", ("alder-transport", "birch-transport", "cedar-transport"))
FIRST = CLASS.names[0]
#: It was asked on paper so long ago, and is entered now; the last moment for an answer was so long ago.
AGO, OVER = timedelta(days=10), timedelta(days=3)
#: What the clock says of an offer that nobody answered in time.
EXPIRED, CLAIMED = "offer_expired", "offer_claimed"


class Found(NamedTuple):
    """What each member saw before somebody claimed and after it, and what the others heard last."""

    before: Seen
    after: Seen
    heard: Mapping[str, str]


async def begun(house: House) -> Offered:
    """Ask three partners at once, of which none answers."""
    now = datetime.now(UTC)
    return await CLASS.asked(house, PERSON, "To dialysis, twice a week.", now - AGO, now - OVER)


async def play(house: House, asked: Offered) -> Block:
    """Have one of them claim it once the clock has said that it is too late.  Raises DemoFailed."""
    first = await house.desk(FIRST)
    await story(house, asked, lambda found: EXPIRED in by_clock(found))
    before = await CLASS.seen(house, asked)
    await first.answer(asked, CLAIMED, service_id=first.partner.service.id)
    after = await CLASS.seen(house, asked)
    heard = await CLASS.heard(house, asked, "offer-gone", FIRST)
    stands = await (await house.desk(SENDER)).stands(asked, "claimed")
    sure(stands == "claimed", TITLE, f"the sender heard {stands}")
    return told(await story(house, asked, lambda _: True), Found(before, after, heard))


def told(said: Story, found: Found) -> Block:
    """Return when it ran out, who could still claim it, and who did.  Raises DemoFailed when that is anybody else."""
    names = [name_of(each) for each in said]
    sure(EXPIRED in by_clock(said), TITLE, f"the timekeeper did not say that it expired; said was {names}")
    sure(names.index(EXPIRED) < names.index(CLAIMED), TITLE, "it was claimed in time")
    for name, seen in found.before.items():
        sure(seen.get("role") == "class-member", TITLE, f"{name} could not claim it any more")
        sure(not seen["client"], TITLE, f"{name} learned whose need it is, and had not claimed it")
    taken = [name for name, seen in found.after.items() if seen]
    sure(taken == [FIRST], TITLE, f"after the claim {taken} see it")
    for name, kind in found.heard.items():
        sure(kind == "offer-gone", TITLE, f"{name} heard {kind or 'nothing'} last")
    asked = next(each["happened"] for each in said if name_of(each) == "offer_sent")
    return Block(
        TITLE,
        (
            ("asked", f"{asked:%d %B}: {SENDER} asked all of {CLASS.need} for a ride, and nobody answered"),
            ("expired", due(by_clock(said)[EXPIRED])),
            ("still there", f"each of the {len(found.before)} sees it still, and may claim it"),
            ("claimed", f"by {FIRST}, {day_and_time(said[names.index(CLAIMED)]['happened'])}: late, and it counts"),
            ("the others", "hear that it is gone; the sender's board says claimed"),
        ),
    )
