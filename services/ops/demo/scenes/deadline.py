"""Deadlines that pass: an offer that nobody answers, and help that was promised and did not begin."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from services.ops.demo.scenes.block import Block, Line, sure
from services.ops.demo.scenes.clock import CLOCK, Story, by_clock, due, name_of, story
from services.ops.demo.scenes.desk import Offered
from services.ops.demo.scenes.house import SENDER, House
from services.ops.errors import DemoFailed

TITLE = "A deadline passes"
SILENT, LATE = "birch-shelter", "birch-food-bank"
#: It was asked on paper so long ago, and is entered now; the last day for an answer is in a few seconds.
AGO, LEFT = timedelta(days=14), timedelta(seconds=3)
#: Days ago that the other one accepted: its service says that it begins within two business days.
ACCEPTED = timedelta(days=8)
SAID, LATER = ("reminded", "escalated", "offer_expired"), ("reminded", "escalated")
MEANS = {
    "reminded": "recipient reminded",
    "escalated": "sender told",
    "offer_expired": "offer expired",
}


class Waits(NamedTuple):
    """What nobody answers, and what was promised and does not begin."""

    silent: Offered
    promised: Offered


async def begun(house: House) -> Waits:
    """Ask two partners, of whom one never answers and the other says yes and does not begin."""
    now, sender = datetime.now(UTC), await house.desk(SENDER)
    silent, late = house.partner(SILENT), house.partner(LATE)
    await sender.know("own:case-2", "Tomasz Wiele, 555-0143", [silent, late], now - AGO)
    promised = await sender.refer("own:case-2", late, "Two small children.", now - AGO, now)
    await (await house.desk(LATE)).answer(promised, "offer_accepted", now - ACCEPTED)
    return Waits(await sender.refer("own:case-2", silent, "One bed.", now - AGO, datetime.now(UTC) + LEFT), promised)


async def play(house: House, waits: Waits) -> Block:
    """Show what the timekeeper said of both.  Raises DemoFailed when it did not."""
    found = await story(house, waits.silent, lambda said: "offer_expired" in by_clock(said))
    turn = (await (await house.desk(SENDER)).get(f"/v1/referrals/{waits.silent.referral}"))["next"]
    return told(found, turn, late(await story(house, waits.promised, lambda said: not _missing(said))))


def late(found: Story) -> tuple[Line, ...]:
    """Return what was said of what was promised.  Raises DemoFailed when nobody was told that it did not begin."""
    missing = _missing(found)
    sure(not missing, TITLE, f"nothing had begun, and the timekeeper did not say {missing}")
    accepted, said = _promised(found)
    lines: list[Line] = [("promised", f"{accepted:%d %B}: {LATE} said yes, and did not begin")]
    return (*lines, *((MEANS[name], due(said[name])) for name in LATER))


def _missing(found: Story) -> list[str]:
    return [name for name in LATER if name not in _promised(found)[1]]


def _promised(found: Story) -> tuple[datetime | None, dict[str, datetime]]:
    """Return when somebody said yes, and when each was due that the timekeeper said of that."""
    accepted = next((each["happened"] for each in found if each["type"] == "referral.offer_accepted"), None)
    return accepted, by_clock([each for each in found if accepted is not None and each["happened"] > accepted])


def told(found: Story, turn: Mapping[str, Any] | None, promised: Sequence[Line] = ()) -> Block:
    """Return what the timeline, and whose turn it is, amount to.  Raises DemoFailed when the clock did not speak."""
    kept = {name_of(each): each for each in found}
    sure(all(name in kept for name in SAID), TITLE, f"the timekeeper said {sorted(kept)} alone")
    by = {kept[name]["source"] for name in SAID}
    sure(by == {CLOCK}, TITLE, f"{by} spoke for the clock")
    sent = kept["offer_sent"]["happened"]
    lines: list[Line] = [("asked", f"{sent:%d %B}: {SENDER} asked {SILENT} for a bed; nobody answered")]
    lines += [(MEANS[name], due(kept[name]["happened"])) for name in SAID]
    if turn is None or turn["who"] != "sender":
        raise DemoFailed(f"{TITLE}: the sender does not owe the next step")
    lines.append(("whose turn", f"{SENDER}'s, who may say {', '.join(turn['events'])}"))
    return Block(TITLE, (*lines, *promised))
