"""A need that was given up is taken up again: by a new offer in the place of the old, whose history stays."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

from services.ops.demo.scenes.block import Block, sure
from services.ops.demo.scenes.desk import served_by
from services.ops.demo.scenes.house import SENDER, House

TITLE = "Given up, and taken up again"
FIRST, SECOND, OWN = "alder-employment", "cedar-employment", "own:case-7"


async def play(house: House) -> Block:
    """Have an offer declined, give the need up, and offer it to somebody else.  Raises DemoFailed."""
    sender, first = await house.desk(SENDER), await house.desk(FIRST)
    second = house.partner(SECOND)
    await sender.know(OWN, "Dagny Oyelaran, 555-0153", [first.partner, second])
    asked = await sender.refer(OWN, first.partner, "Was a baker.")
    await first.answer(asked, "offer_declined", reason="no-capacity")
    await sender.say("referral.closed", asked.about, {"disposition": "no-suitable-service"})
    place = f"/v1/referrals/{asked.referral}"
    given_up = await sender.get(place)
    await sender.ask(replace(asked, offer=str(uuid4())), OWN, served_by(second) | {"replaces": asked.offer})
    return told(given_up, await sender.get(place))


def told(before: Mapping[str, Any], after: Mapping[str, Any]) -> Block:
    """Return how the need stood when it was given up, and how it stands.  Raises DemoFailed when history changed."""
    sure(before["loop"] == "closed-not-served", TITLE, f"it was given up and stood as {before['loop']}")
    stands = (after["status"], after["loop"])
    sure(stands == ("requested", "open"), TITLE, f"the new offer left it as {stands}")
    sure(len(after["offers"]) == 2, TITLE, f"it tells of {len(after['offers'])} offers")
    old, new = after["offers"]
    sure(old == before["offers"][0], TITLE, "the new offer changed what is told of the old one")
    sure(new["replaces"] == old["id"], TITLE, "the new offer does not say what it replaces")
    return Block(
        TITLE,
        (
            ("declined", f"by {old['recipient']}: {old['reason']}"),
            ("given up", f"{before['status']}, {before['loop']}"),
            ("again", f"{new['recipient']} is asked in its place: {stands[0]}, {stands[1]}, {after['hops']} offers"),
            ("history", "the first offer stands as it stood: declined, by whom, when and why"),
        ),
    )
