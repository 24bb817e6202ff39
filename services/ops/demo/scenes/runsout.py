"""A consent that ends when it says it does: the clock ends what is open under it, and nobody has to remember."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from services.ops.demo.scenes.block import Block, sure
from services.ops.demo.scenes.clock import Story, by_clock, day_and_time, due, story
from services.ops.demo.scenes.desk import Desk, Offered
from services.ops.demo.scenes.feed import heard
from services.ops.demo.scenes.house import SENDER, House
from services.ops.demo.scenes.refusal import refusal

TITLE = "A consent runs out"
OWN, SILENT, TAKES = "own:case-12", "alder-school", "alder-shelter"
#: It was signed a day ago, and is entered now; it ends in so many seconds.
AGO, LEFT = timedelta(days=1), timedelta(seconds=30)
SAID, ENDED, HEARD = "withdrawn", "consent-expired", "offer-cancelled"


class Waits(NamedTuple):
    """What one never answered, what the other took on and how many texts it could read, and until when."""

    silent: Offered
    taken: Offered
    texts: int
    until: datetime


class Found(NamedTuple):
    """What became of an offer: what was said of it, how it stands for its sender, and what that one heard last."""

    said: Story
    stands: str
    heard: str


async def begun(house: House) -> Waits:
    """Ask two partners under a consent that ends in a moment; one of them accepts and reads."""
    now, sender, takes = datetime.now(UTC), await house.desk(SENDER), await house.desk(TAKES)
    silent = house.partner(SILENT)
    await sender.know(OWN, "Florian Adeyemi, 555-0158", [silent, takes.partner], now - AGO, now + LEFT)
    waiting = await sender.refer(OWN, silent, "A place for his son.", now - AGO)
    taken = await sender.refer(OWN, takes.partner, "A bed for two nights.", now - AGO)
    await takes.answer(taken, "offer_accepted")
    return Waits(waiting, taken, len((await _read(takes, taken))["texts"]), now + LEFT)


async def play(house: House, waits: Waits) -> Block:
    """Show what the timekeeper said of both.  Raises DemoFailed when it did not."""
    found = {SILENT: await _found(house, waits.silent), TAKES: await _found(house, waits.taken)}
    return told(found, waits, await refusal(_read(await house.desk(TAKES), waits.taken)))


def told(found: Mapping[str, Found], waits: Waits, read: str) -> Block:
    """Return how both ended, and what is read of it.  Raises DemoFailed when the clock did not end them."""
    for name, each in found.items():
        sure(SAID in by_clock(each.said), TITLE, f"the timekeeper did not end what {name} was asked")
        sure(each.stands == ENDED, TITLE, f"what {name} was asked stands as {each.stands}")
        sure(each.heard == HEARD, TITLE, f"of {name} the sender heard {each.heard or 'nothing'}")
    ends = {by_clock(each.said)[SAID] for each in found.values()}
    sure(ends == {waits.until}, TITLE, f"it ended at {sorted(map(str, ends))}, and not when the consent did")
    sure(waits.texts > 0, TITLE, f"{TAKES} could read nothing while the consent was in force")
    sure(read == "403 not-in-force", TITLE, f"{TAKES} reads on: {read or 'all of it'}")
    end = ends.pop()
    return Block(
        TITLE,
        (
            ("agreed", f"until {day_and_time(end)}, {SENDER} may ask {SILENT} and {TAKES}"),
            ("before that", f"{SILENT} did not answer; {TAKES} said yes, and could read {waits.texts} sealed texts"),
            ("both ended", due(end)),
            ("from then on", f"{TAKES} asks again: {read}"),
            ("the sender", f"its board says {ENDED}; it hears of both ({HEARD}), and may ask the person anew"),
        ),
    )


async def _found(house: House, asked: Offered) -> Found:
    sender = await house.desk(SENDER)
    said = await story(house, asked, lambda said: SAID in by_clock(said))
    return Found(said, await sender.stands(asked, ENDED), await heard(sender, asked, HEARD))


async def _read(desk: Desk, asked: Offered) -> dict[str, Any]:
    return await desk.get(f"/v1/referrals/{asked.referral}/sealed")
